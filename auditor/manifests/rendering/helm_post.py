"""What Flux does to Helm's output: kustomizations over everything but the charts' `crds/`, in order."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from auditor.manifests.documents import document_of
from auditor.manifests.reading import split
from auditor.manifests.rendering.kustomize import RENDERERS
from auditor.model import Document

SOURCE = re.compile(r"^# Source: (\S[^\r\n]*)\r?$", re.MULTILINE)
"""How Helm says which template a document is of."""

_CRD = re.compile(r"[^/]+(?:/charts/[^/]+)*/crds/")
_ORIGIN = "config.kubernetes.io/origin"
_ORIGIN_PATH = re.compile(r"^path: ['\"]?(.+?)['\"]?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class PostRendered:
    """The new output, and the template that each of its parts came from, by the name of its file. The first `kept`
    lines are as Helm wrote them."""

    output: bytes
    templates: Mapping[str, str]
    kept: int = 0

    def settled(self, document: Document) -> tuple[Document, str]:
        """A document of the output without Kustomize's mark of origin, and its template; '' where a patch
        took the mark away."""
        metadata = document.manifest.get("metadata")
        annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
        if (
            not isinstance(metadata, Mapping)
            or not isinstance(annotations, Mapping)
            or _ORIGIN not in annotations
        ):
            return document, ""
        match = _ORIGIN_PATH.search(str(annotations[_ORIGIN]))
        kept = {key: value for key, value in annotations.items() if key != _ORIGIN}
        clean = {key: value for key, value in metadata.items() if key != "annotations"}
        if kept:
            clean["annotations"] = kept
        manifest = {**document.manifest, "metadata": clean}
        settled = document_of(manifest, index=document.index, item=document.item, line=document.line)
        return settled, self.templates.get(posixpath.basename(match[1]), "") if match else ""


def post_rendered(output: bytes, kustomizations: Sequence[Mapping[str, Any]], root: Path) -> PostRendered:
    """Runs Helm's output through Kustomize in new folders below `root`. Raises as Renderer.render.

    helm-controller runs one build after another; the same comes out of one build of folders in folders.
    """
    text = output.decode("utf-8", "replace")
    parts = [text[start:end] for start, end in split(text)]
    kept = [part for part in parts if _is_crd(part)]
    rest = [part for part in parts if not _is_crd(part) and _says_something(part)]
    if not rest or not kustomizations:
        return PostRendered(output=output, templates={})
    templates: dict[str, str] = {}
    names: list[str] = []
    for number, kustomization in enumerate(kustomizations):
        folder = root / f"post-{number}"
        folder.mkdir(parents=True)
        if number == 0:
            for index, part in enumerate(rest):
                names.append(f"part-{index}.yaml")
                (folder / names[-1]).write_text(part, encoding="utf-8")
                match = SOURCE.search(part)
                templates[names[-1]] = match[1] if match else ""
        around = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            **kustomization,
            "resources": names if number == 0 else [f"../post-{number - 1}"],
        }
        if number == len(kustomizations) - 1:
            around["buildMetadata"] = ["originAnnotations"]
        (folder / "kustomization.yaml").write_bytes(orjson.dumps(around))
    rendered = RENDERERS["kustomize"].render(
        root, f"post-{len(kustomizations) - 1}", timeout_s=30, max_bytes=len(output) * 4 + 1_048_576
    )
    before = "".join(kept)
    return PostRendered(
        output=before.encode() + b"---\n" + rendered, templates=templates, kept=before.count("\n")
    )


def _is_crd(part: str) -> bool:
    match = SOURCE.search(part)
    return match is not None and _CRD.match(match[1]) is not None


def _says_something(part: str) -> bool:
    return any(line.strip() and not line.startswith(("#", "---")) for line in part.splitlines())
