"""Whether Flux, as a repository deploys it, refuses variables that are not set."""

from __future__ import annotations

import re

from auditor.manifests.layout import is_candidate
from auditor.model import SourceTree

_GATE = re.compile(rb"StrictPostBuildSubstitutions['\"]?\s*[=:]\s*['\"]?(true|false)")
_CONTROLLER = re.compile(rb"fluxcd/kustomize-controller:v(\d+)\.(\d+)\.")
_STRICT_SINCE = (1, 9)
_SEARCHED_BYTES = 64 * 1024 * 1024


def is_strict(tree: SourceTree) -> bool:
    """What the tree's files on Flux say: its feature gate, else the version of kustomize-controller, which is strict
    from 1.9 on; True where they say nothing, as today's controller is."""
    versions: list[tuple[int, int]] = []
    left = _SEARCHED_BYTES
    for path in tree.paths():
        if not is_candidate(path) or not ("flux" in path or "gotk" in path):
            continue
        content = tree.read(path)
        left -= len(content)
        if left < 0:
            break
        gate = _GATE.search(content)
        if gate is not None:
            return gate[1] == b"true"
        versions += [(int(found[1]), int(found[2])) for found in _CONTROLLER.finditer(content)]
    return min(versions, default=_STRICT_SINCE) >= _STRICT_SINCE
