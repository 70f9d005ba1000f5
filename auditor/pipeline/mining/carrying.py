"""What a file stands for while it cannot be read: its last readable content.

Nobody knows what an unreadable file holds, so what is known of it stays in force: its resources stay as they
were read last, and what was found in them stays found. The same for one rule on one resource, where the rule could
not be evaluated. All this follows from the contents that a path (or what was renamed to it) has had, whatever role
the file had meanwhile, so that an incremental scan can tell it from the recorded changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from auditor.model import Outcome
from auditor.pipeline.mining.contents import (
    BlobRow,
    Contents,
    DocumentRow,
    ProblemRow,
    VerdictRow,
    format_of_key,
)
from auditor.pipeline.mining.pathmap import PathMap
from auditor.pipeline.mining.problems import FILE_RULES, is_unreadable
from auditor.policy.builtin import DUPLICATE_KEY

Row = TypeVar("Row")

Name = tuple[str, str, str, str]
"""Group, kind, namespace and name of a resource, '' where it has none: its identity within a file."""


class Carried(NamedTuple):
    """What earlier contents of a file say of what its present one leaves open.

    `documents` are resources that the present content may or may not hold, `violations` what was found in them, and
    what a rule found in a resource on which it gives no answer now, by the parameters that held where the file stood
    then. `problems` are keys given twice. `pieces` are what it listed as a kustomization, which the present content
    does not say, None where it was none.
    """

    documents: tuple[DocumentRow, ...] = ()
    violations: tuple[tuple[DocumentRow, VerdictRow], ...] = ()
    problems: tuple[ProblemRow, ...] = ()
    pieces: tuple[str, ...] | None = None


NOTHING = Carried()


class FileStep(NamedTuple):
    """What one commit did to one file that may hold manifests; a content is '' where there is no such file."""

    old_path: str
    old: str
    path: str
    new: str


@dataclass(frozen=True, slots=True)
class OpenPart:
    """What a content leaves open: all that it does not hold (`unreadable`), and rules by resource (`silent`)."""

    unreadable: bool
    silent: Mapping[Name, frozenset[str]]


def name_of(row: DocumentRow) -> Name:
    """The document's identity within its file."""
    return row.api_version.rpartition("/")[0], row.kind, row.namespace, row.name


class OpenParts:
    """What contents leave open, looked up once for each; `profile_of` names the parameters that hold at a path."""

    def __init__(self, contents: Contents, profile_of: Callable[[str], str]) -> None:
        self._contents = contents
        self._profile_of = profile_of
        self._known: dict[tuple[str, str], OpenPart | None] = {}

    def of(self, path: str, key: str) -> OpenPart | None:
        """None where the content of the file says all there is to say, or there is none."""
        if not key:
            return None
        at = (key, self._profile_of(path))
        if at not in self._known:
            self._known[at] = self._look(self._contents.blobs[key], at[1])
        return self._known[at]

    def _look(self, blob: BlobRow, profile: str) -> OpenPart | None:
        silent: dict[Name, frozenset[str]] = {}
        for row in blob.documents:
            judgement = self._contents.judgement(row.digest, profile)
            rules = [
                verdict.rule_id
                for verdict in (judgement.verdicts if judgement else ())
                if verdict.outcome in (Outcome.ERROR, Outcome.SKIPPED)
            ]
            if rules:
                silent[name_of(row)] = silent.get(name_of(row), frozenset()).union(rules)
        unreadable = is_unreadable(problem.code for problem in blob.problems)
        return OpenPart(unreadable, silent) if unreadable or silent else None

    def carry(self, step: FileStep, before: Carried) -> Carried:
        """What stays in force after a step; the content before it had carried `before`."""
        old, new = step.old, step.new
        part = self.of(step.path, new)
        # Under a name of another format nobody reads what the file held: it has gone, and is not merely unread.
        if part is None or not old or format_of_key(old) != format_of_key(new):
            return NOTHING
        was, now = self._contents.blobs[old], self._contents.blobs[new]
        present = {name_of(row) for row in now.documents}
        violations = [
            (row, verdict)
            for row, verdict in (*self._violations(step.old_path, was), *before.violations)
            if (
                verdict.rule_id in part.silent.get(name_of(row), ())
                if name_of(row) in present
                else part.unreadable
            )
        ]
        if violations:
            told = {
                (name_of(row), verdict.rule_id, verdict.pointer)
                for row, verdict in self._violations(step.path, now)
            }
            violations = [
                (row, verdict)
                for row, verdict in violations
                if (name_of(row), verdict.rule_id, verdict.pointer) not in told
            ]
        if not part.unreadable:
            return Carried(violations=_same(violations, before.violations)) if violations else NOTHING
        documents = [row for row in (*was.documents, *before.documents) if name_of(row) not in present]
        return Carried(
            _same(documents, before.documents),
            _same(violations, before.violations),
            (*_keys_twice(was.problems), *before.problems)[:1],
            None if now.is_kustomization else was.fragments if was.is_kustomization else before.pieces,
        )

    def _violations(self, path: str, blob: BlobRow) -> Iterator[tuple[DocumentRow, VerdictRow]]:
        profile = self._profile_of(path)
        for row in blob.documents:
            judgement = self._contents.judgement(row.digest, profile)
            if judgement is not None:
                for verdict in judgement.verdicts:
                    if verdict.outcome == Outcome.FAIL:
                        yield row, verdict


def _same(found: Iterable[Row], before: tuple[Row, ...]) -> tuple[Row, ...]:
    """What was found, as the very rows of before where it is them: a file may stay unreadable for a whole history."""
    rows = tuple(found)
    return before if rows == before else rows


def _keys_twice(problems: Iterable[ProblemRow]) -> Iterator[ProblemRow]:
    return (problem for problem in problems if FILE_RULES.get(problem.code) == DUPLICATE_KEY)


Earlier = Callable[[str, str, str], Carried]
"""(sha, path, content) -> what is carried there, for a commit that an earlier scan has read."""


def nothing_earlier(sha: str, path: str, key: str) -> Carried:
    """For a scan of the whole history."""
    return NOTHING


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is carried at one commit, by path: what has `changed` since the commit `since` of an earlier scan."""

    since: str
    changed: PathMap[Carried]


_AT_THE_ROOT = _Standing("", PathMap())


class Carrying:
    """What is carried at every new commit, each told from its first parent."""

    def __init__(
        self,
        parts: OpenParts,
        *,
        parents: Mapping[str, Sequence[str]],
        steps_of: Callable[[str], Iterable[FileStep]],
        earlier: Earlier,
    ) -> None:
        """`parents` are those of the new commits; whatever else is a parent was read by an earlier scan."""
        self._parts = parts
        self._parents = parents
        self._steps_of = steps_of
        self._earlier = earlier
        self._known: dict[str, _Standing] = {"": _AT_THE_ROOT}

    def before(self, sha: str, path: str, key: str) -> Carried:
        """What is carried at the first parent of a new commit, where `path` holds `key`."""
        return self.at(self._parent(sha), path, key)

    def at(self, sha: str, path: str, key: str) -> Carried:
        """What is carried at a commit where `path` holds `key`."""
        if self._parts.of(path, key) is None:
            return NOTHING
        return self._carried(self._standing(sha), path, key)

    def _parent(self, sha: str) -> str:
        parents = self._parents[sha]
        return parents[0] if parents else ""

    def _carried(self, standing: _Standing, path: str, key: str) -> Carried:
        found = standing.changed.get(path)
        if found is None:
            return self._earlier(standing.since, path, key) if standing.since else NOTHING
        return found

    def _standing(self, sha: str) -> _Standing:
        new: list[str] = []
        while sha not in self._known:
            if sha not in self._parents:
                self._known[sha] = _Standing(sha, PathMap())
                break
            new.append(sha)
            sha = self._parent(sha)
        standing = self._known[sha]
        for commit in reversed(new):
            standing = self._known[commit] = self._after(standing, self._steps_of(commit))
        return standing

    def _after(self, before: _Standing, steps: Iterable[FileStep]) -> _Standing:
        changed: dict[str, Carried | None] = {}
        for step in steps:
            carried = NOTHING
            if self._parts.of(step.path, step.new) is not None and step.old:
                held = NOTHING
                if self._parts.of(step.old_path, step.old) is not None:
                    held = self._carried(before, step.old_path, step.old)
                carried = self._parts.carry(step, held)
            # Saying that nothing is carried matters only where something else would be told.
            if carried != NOTHING or before.since:
                changed[step.path] = carried
            elif step.path in before.changed:
                changed[step.path] = None
        return _Standing(before.since, before.changed.changed(changed)) if changed else before
