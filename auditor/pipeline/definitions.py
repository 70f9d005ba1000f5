"""CustomResourceDefinitions, by which custom resources are validated: found where they are kept.

A scan takes those of the audited tip for the whole history: a resource is then judged by what the repository declares
today, a verdict depends on its content alone, and each content is judged once. Another definition means that the
history is judged again; definitions of each commit would mean that with every one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.manifests.limits import DEFAULT_LIMITS
from auditor.manifests.reading import read_blob
from auditor.model import JsonObject, Snapshot
from auditor.policy.schemas.crds import is_definition
from auditor.policy.schemas.options import SchemaOptions

if TYPE_CHECKING:
    from auditor.git.mirror import Mirror
    from auditor.settings import Settings

_KIND = "CustomResourceDefinition"
_SCHEMA = b"openAPIV3Schema"
_NAMES = ("*.yaml", "*.yml", "*.json")
_MAY_BE = re.compile(r"\.(?:ya?ml|json)\Z", re.IGNORECASE)
_MAX_FILES = 5_000
_MAX_BYTES = 128 * 1024 * 1024
"""What is read for definitions; of a repository with more of them the last files by name define nothing."""


def definitions_in(contents: Iterable[bytes]) -> tuple[JsonObject, ...]:
    """The definitions in some files, each alone or in a List. What cannot be read holds none."""
    return tuple(found for content in contents for found in _definitions(content))


def may_hold_definitions(path: str) -> bool:
    """True for names of files in which definitions are looked for."""
    return _MAY_BE.search(path) is not None


def crds_at(mirror: Mirror, tip: str) -> tuple[JsonObject, ...]:
    """The definitions in the tree of a commit. Raises GitError where the mirror cannot be read."""
    from auditor.git.blobs import ObjectReader  # a check of files has no use for it

    git, repository = mirror.git, mirror.path
    # No pattern, attribute or configuration of the repository has a say in this: it looks for a fixed word.
    found = git.run(
        "grep", "-l", "-z", "-F", "-e", _KIND, tip, "--", *_NAMES, repository=repository, accepted=(0, 1)
    )
    names = sorted(name.partition(b":")[2] for name in found.split(b"\0") if name)
    if not names:
        return ()
    shas = _blobs(git.run("ls-tree", "-r", "-z", tip, repository=repository))
    wanted = [shas[name] for name in names[:_MAX_FILES] if name in shas]
    with ObjectReader(git, repository) as reader:
        return definitions_in(_within_limit(content for _, content in reader.read_many(wanted)))


def definitions_of_snapshot(snapshot: Snapshot) -> tuple[JsonObject, ...]:
    """The definitions that a cluster holds, where its recording has them."""
    return tuple(live.manifest for live in snapshot.objects if is_definition(live.manifest))


def schema_options(settings: Settings, *, further: Iterable[JsonObject] = ()) -> SchemaOptions:
    """How the operator's settings have schemas judge. `further` are definitions found elsewhere, as in a cluster."""
    schemas = settings.schemas
    return SchemaOptions(
        strict=schemas.strict,
        fail_on_missing=schemas.fail_on_missing,
        ignore_kinds=schemas.ignore_kinds,
        crds=(*_of_folders(schemas.folders), *further),
        folders=schemas.folders,
    )


def _of_folders(folders: Iterable[Path]) -> tuple[JsonObject, ...]:
    paths = (path for folder in folders for path in sorted(folder.rglob("*.y*ml")) if path.is_file())
    return definitions_in(_within_limit(path.read_bytes() for path in paths))


def _definitions(content: bytes) -> Iterator[JsonObject]:
    if _SCHEMA not in content:
        return
    for document in read_blob(content, DEFAULT_LIMITS).documents:
        yield from (one for one in _members(document.value) if is_definition(one))


def _members(value: Any) -> Iterator[JsonObject]:
    if not isinstance(value, dict):
        return
    items = value.get("items")
    if isinstance(items, list) and str(value.get("kind", "")).endswith("List"):
        yield from (one for one in items if isinstance(one, dict))
    else:
        yield value


def _within_limit(contents: Iterable[bytes | None]) -> Iterator[bytes]:
    left = _MAX_BYTES
    for content in contents:
        if content is not None:
            left -= len(content)
            if left < 0:
                return
            yield content


def _blobs(listing: bytes) -> dict[bytes, str]:
    """Path → sha of every regular file of `ls-tree -r -z`."""
    found = {}
    for line in listing.split(b"\0"):
        head, _, name = line.partition(b"\t")
        fields = head.split(b" ")
        if fields[0] in (b"100644", b"100755"):
            found[name] = fields[2].decode("ascii")
    return found
