"""The kustomizations of a tree, and the one that Flux generates where a folder has none."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.manifests.fragments import references_of
from auditor.manifests.layout import is_kustomization_name
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob
from auditor.manifests.rendering.taken_in import as_kustomize_reads
from auditor.model import SourceTree


@dataclass(frozen=True, kw_only=True)
class Kustomizations:
    """Every kustomization of a tree, by folder: what it holds and which folders it takes in. `unreadable` are the
    folders of those that cannot be read."""

    files: Mapping[str, str]
    manifests: Mapping[str, Mapping[str, Any]]
    references: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()
    """Folders of those of which nobody can tell what they take in."""

    @classmethod
    def of(cls, tree: SourceTree) -> Kustomizations:
        """Reads every kustomization of the tree; one that cannot be read is there, and empty."""
        files: dict[str, str] = {}
        manifests: dict[str, Mapping[str, Any]] = {}
        unreadable: set[str] = set()
        opaque: set[str] = set()
        for path in tree.paths():
            if is_kustomization_name(path):
                folder = posixpath.dirname(path)
                content = tree.read(path)
                blob = read_blob(content, Limits())
                values = [entry.value for entry in blob.documents]
                files[folder] = path
                found = next((value for value in values if isinstance(value, dict)), None)
                manifests[folder] = as_kustomize_reads(found or {})
                if blob.problems or (not manifests[folder] and any(value is not None for value in values)):
                    unreadable.add(folder)
                # One that names no apiVersion is left out without a problem where it cannot be read.
                is_left_out = not values and _says_something(content)
                if is_left_out or any(problem.code != "duplicate-key" for problem in blob.problems):
                    opaque.add(folder)
                    unreadable.add(folder)
        references = {
            folder: frozenset(
                posixpath.normpath(posixpath.join(folder, entry)).removeprefix("./").rstrip("/")
                for entry in references_of(manifest)
            )
            for folder, manifest in manifests.items()
        }
        references = {
            folder: frozenset("" if entry == "." else entry for entry in entries)
            for folder, entries in references.items()
        }
        return cls(
            files=files,
            manifests=manifests,
            references=references,
            unreadable=frozenset(unreadable),
            opaque=frozenset(opaque),
        )

    def unreferenced(self) -> list[str]:
        """Folders that no other kustomization takes in and that are no component, sorted; and one of those that take
        in each other and are taken in by nothing else, which can never be built."""
        taken = {entry for folder, entries in self.references.items() for entry in entries if entry != folder}
        folders = sorted(
            folder for folder, manifest in self.manifests.items() if manifest.get("kind") != "Component"
        )
        found = [folder for folder in folders if folder not in taken]
        reached = {entry for folder in found for entry in self.closure(folder)}
        for folder in folders:
            if folder not in reached and self._takes_itself(folder):
                found.append(folder)
                reached |= self.closure(folder)
        return sorted(found)

    def _takes_itself(self, folder: str) -> bool:
        entries = self.references.get(folder, frozenset())
        return any(folder in self.closure(entry) for entry in entries)

    def closure(self, folder: str) -> set[str]:
        """The kustomization folders that rendering `folder` reads."""
        seen: set[str] = set()
        pending = [folder]
        while pending:
            current = pending.pop()
            if current in seen or current not in self.manifests:
                continue
            seen.add(current)
            pending.extend(self.references.get(current, ()))
        return seen


def _says_something(content: bytes) -> bool:
    lines = (line.strip() for line in content.splitlines())
    return any(line and not line.startswith((b"#", b"---")) for line in lines)


def generated_resources(
    tree: SourceTree,
    kustomizations: Kustomizations,
    folder: str,
    *,
    is_manifest: Callable[[str], bool] | None = None,
) -> list[str]:
    """What Flux puts into a generated kustomization: manifests below `folder`, and kustomization folders.

    `is_manifest` may tell that a file is a manifest; where it denies, the file is read.
    """
    prefix = f"{folder}/" if folder else ""
    found: set[str] = set()
    for path in tree.paths():
        if not path.startswith(prefix):
            continue
        parts = path[len(prefix) :].split("/")
        parents = ["/".join(parts[:length]) for length in range(1, len(parts))]
        nested = next((parent for parent in parents if prefix + parent in kustomizations.manifests), None)
        if nested is not None:
            found.add(f"./{nested}")
        elif path.endswith((".yaml", ".yml")) and (
            (is_manifest is not None and is_manifest(path)) or _is_manifest(tree.read(path))
        ):
            found.add(f"./{'/'.join(parts)}")
    # As a walk meets them: by the names of each folder.
    return sorted(found, key=lambda name: name.split("/"))


def _is_manifest(content: bytes) -> bool:
    values = [entry.value for entry in read_blob(content, Limits()).documents]
    return any(isinstance(value, dict) and value.get("apiVersion") and value.get("kind") for value in values)
