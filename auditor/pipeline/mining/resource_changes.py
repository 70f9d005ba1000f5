"""What a commit did to resources: versions before held against versions after, by identity and not by file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditor.pipeline.mining.contents import DocumentRow


class ResourceKey(NamedTuple):
    """A resource's identity in its environment; the API version is not part of it."""

    environment: str
    group: str
    kind: str
    namespace: str
    name: str


class ResourceChange(NamedTuple):
    """What one commit did to one resource; columns of trail.resource_change after repo and generation."""

    sha: str
    position: int | None
    landed: bool
    path: str
    old_path: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    change: str
    old_digest: str
    new_digest: str


class _Version(NamedTuple):
    """One instance of a resource: the file that it stands in, and its document."""

    path: str
    row: DocumentRow


def resource_key(environment: str, path: str, row: DocumentRow) -> ResourceKey:
    """The identity of a document at a path.

    What has no name of its own (a kustomization, `generateName`) is named by where it stands.
    """
    group = row.api_version.rpartition("/")[0]
    name = row.name or (path.rpartition("/")[0] or "." if group == "kustomize.config.k8s.io" else path)
    return ResourceKey(environment, group, row.kind, row.namespace, name)


Versions = tuple[tuple[ResourceKey, _Version], ...]
"""What one file holds: each document with its identity, in the order of the file."""


def versions(environment: str, path: str, rows: Iterable[DocumentRow]) -> Versions:
    """What the file at `path` holds."""
    return tuple((resource_key(environment, path, row), _Version(path, row)) for row in rows)


def compare(
    sha: str, position: int | None, gone: Iterable[Versions], come: Iterable[Versions]
) -> Iterator[ResourceChange]:
    """The changes of one commit, sorted by identity. `gone` and `come` are the files that it touched, before and
    after; `position` is None for a side commit.

    Versions that stand in both, at the same path, cancel out. Of the rest, those of the same path belong
    together, then those that are left, in the order of their paths: an identity may stand in several files.
    """
    before, after = _by_identity(gone), _by_identity(come)
    for key in sorted(before.keys() | after.keys()):
        for old, new in _pairs(before.get(key, []), after.get(key, [])):
            shown = new or old
            if shown is None:
                continue
            yield ResourceChange(
                sha,
                position,
                position is not None,
                shown.path,
                old.path if old and new and old.path != new.path else "",
                key.environment,
                shown.row.api_version,
                key.kind,
                key.namespace,
                key.name,
                _change(old, new),
                old.row.digest if old else "",
                new.row.digest if new else "",
            )


def _by_identity(files: Iterable[Versions]) -> dict[ResourceKey, list[_Version]]:
    found: dict[ResourceKey, list[_Version]] = {}
    for file in files:
        for key, version in file:
            found.setdefault(key, []).append(version)
    return found


def _pairs(old: list[_Version], new: list[_Version]) -> Iterator[tuple[_Version | None, _Version | None]]:
    if len(old) == len(new) == 1 and old[0].path == new[0].path:
        if old[0].row.digest != new[0].row.digest:
            yield old[0], new[0]
        return
    old, new = _without_equal(old, new)
    left = []
    for version in old:
        same_path = next((other for other in new if other.path == version.path), None)
        if same_path is None:
            left.append(version)
        else:
            new.remove(same_path)
            yield version, same_path
    left.sort(key=lambda version: version.path)
    new.sort(key=lambda version: version.path)
    for index in range(max(len(left), len(new))):
        yield (left[index] if index < len(left) else None), (new[index] if index < len(new) else None)


def _without_equal(old: list[_Version], new: list[_Version]) -> tuple[list[_Version], list[_Version]]:
    rest = list(new)
    kept = []
    for version in old:
        equal = next(
            (at for at in rest if at.path == version.path and at.row.digest == version.row.digest), None
        )
        if equal is None:
            kept.append(version)
        else:
            rest.remove(equal)
    return kept, rest


def _change(old: _Version | None, new: _Version | None) -> str:
    if old is None:
        return "added"
    if new is None:
        return "deleted"
    return "modified" if old.row.digest != new.row.digest else "moved"
