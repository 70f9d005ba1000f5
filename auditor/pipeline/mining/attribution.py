"""Who brought a violation in, or took it out: the author of the side commit that did, not the merging person.

A merge that changes something by itself (an evil merge, a conflict resolved to neither side) is its own
author's. So each side commit is held against its own parent: the newest whose change brought the violation in
is the one, and where none did, it was the merge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from auditor.manifests.layout import is_kustomization_name
from auditor.model import Commit, FileChange


@dataclass(slots=True)
class _Brought:
    """What the side commits of one landing did: by finding id, the commit that brought it in or took it out."""

    opened: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    layout: str = ""


class Authors:
    """Authors of what landed. `changes` are those of all commits, newest first, side branches too.

    `shows` gives the ids of the violations that a changed file shows before and after. What a file cannot be read
    for it shows on both sides, so that breaking a file takes nothing out and mending it brings nothing in.
    """

    def __init__(
        self,
        commits: Mapping[str, Commit],
        landed_in: Mapping[str, str],
        changes: Iterable[FileChange],
        shows: Callable[[FileChange], tuple[frozenset[str], frozenset[str]]],
    ) -> None:
        self._commits = commits
        self._shows = shows
        self._sides: dict[str, list[FileChange]] = {}
        self._touched: dict[str, set[str]] = {}
        self._brought: dict[str, _Brought] = {}
        merges = {landing for sha, landing in landed_in.items() if sha != landing}
        for change in changes:
            landing = landed_in.get(change.sha, "")
            if landing not in merges:
                continue
            if change.sha == landing:
                self._touched.setdefault(landing, set()).update((change.path, change.old_path))
            else:
                self._sides.setdefault(landing, []).append(change)

    def of_opening(self, landing: str, path: str, finding: str) -> str:
        """'Name <address>' of whoever brought the finding in at `path`; '' where the commit is not known."""
        brought = self._of_landing(landing)
        return self._name(brought.opened.get(finding) or self._otherwise(landing, path, brought))

    def of_fix(self, landing: str, path: str, finding: str) -> str:
        """'Name <address>' of whoever took the finding out at `path`; '' where the commit is not known."""
        brought = self._of_landing(landing)
        return self._name(brought.fixed.get(finding) or self._otherwise(landing, path, brought))

    def _otherwise(self, landing: str, path: str, brought: _Brought) -> str:
        """No side commit did it: the landing itself, unless it left the file as it was and its role changed."""
        if path not in self._touched.get(landing, ()) and brought.layout:
            return brought.layout
        return landing

    def _of_landing(self, landing: str) -> _Brought:
        known = self._brought.get(landing)
        if known is None:
            known = self._brought[landing] = self._judge_sides(self._sides.get(landing, ()))
        return known

    def _judge_sides(self, changes: Iterable[FileChange]) -> _Brought:
        brought = _Brought()
        by_commit = [(sha, list(group)) for sha, group in groupby(changes, key=lambda change: change.sha)]
        # A merge on the side only passes on what another commit did, unless no other commit did it.
        by_commit.sort(key=lambda entry: len(self._commits[entry[0]].parents) > 1)
        for sha, group in by_commit:
            sides = [self._shows(change) for change in group]
            before: frozenset[str] = frozenset().union(*(side[0] for side in sides))
            after: frozenset[str] = frozenset().union(*(side[1] for side in sides))
            for finding in after - before:
                brought.opened.setdefault(finding, sha)
            for finding in before - after:
                brought.fixed.setdefault(finding, sha)
            if not brought.layout and any(_decides_roles(change) for change in group):
                brought.layout = sha
        return brought

    def _name(self, sha: str) -> str:
        commit = self._commits.get(sha)
        return f"{commit.author.name} <{commit.author.email}>" if commit else ""


NOBODY = Authors({}, {}, (), lambda change: (frozenset(), frozenset()))
"""For a run in which nothing landed."""


def _decides_roles(change: FileChange) -> bool:
    """True for a file that says what other files are for."""
    paths = (change.path, change.old_path or change.path)
    return any(is_kustomization_name(path) or path.rpartition("/")[2] == "Chart.yaml" for path in paths)
