"""One build of Kustomize, prepared: what is built of which files."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.manifests.layout import is_kustomization_name
from auditor.manifests.rendering.closure import TreeIndex
from auditor.manifests.rendering.kustomizations import Kustomizations
from auditor.manifests.rendering.schema_need import needs_schema


@dataclass(frozen=True, kw_only=True)
class Build:
    """One folder to build: the kustomization put around it ('' where the folder itself is built), what is generated,
    the files that it may read. `shows_origin`: the origin annotations are wanted in the outcome."""

    folder: str
    around: str
    generated: Mapping[str, str]
    files: frozenset[str]
    shows_origin: bool = False

    @property
    def written(self) -> dict[str, str]:
        """What is put among the files, by its path in the tree; last the kustomization that is built."""
        around = {"../overlays/0/kustomization.yaml": self.around} if self.around else {}
        return {**self.generated, **around}


def is_schema_free(build: Build, kustomizations: Kustomizations, index: TreeIndex, place: Path) -> bool:
    """True where the build gives the same without the built-in schema, and quicker. `place` is where the files of
    the tree are laid out for it, those that it may read and no others."""
    ours = {posixpath.dirname(path): json.loads(text) for path, text in build.generated.items()}
    folders = {posixpath.dirname(path) for path in build.files if is_kustomization_name(path)} | set(ours)
    if any(
        len(index.kustomizations.get(folder, ())) > 1 or folder in kustomizations.unreadable
        for folder in folders
    ):
        return False
    read = [
        (folder, ours[folder] if folder in ours else kustomizations.manifests.get(folder, {}))
        for folder in sorted(folders)
    ]
    if build.around:
        around = json.loads(build.around)
        read.append(("", {name: around[name] for name in around if name not in ("resources", "components")}))

    def content(path: str) -> bytes | None:
        return (place / path).read_bytes() if path in build.files else None

    return not needs_schema(read, folders=folders, read=content)


def in_the_tree(message: str, name: str, folder: str) -> str:
    """What Kustomize says, with the paths of the tree instead of those of the scratch folder."""
    message = message.replace("../../tree/", "").replace("'../../tree'", "'.'")
    if name.startswith("tree"):
        return message.replace("/tree/", "").replace(name, folder or ".").replace("/tree", ".")
    return message.replace(f"/{name}", "").replace("/tree/", "").replace(name, folder or ".")
