"""Walks git again and holds the records of commits, landings and file changes against it.

This proves that the trail says what the mirror's objects say. It proves nothing against somebody who can
rewrite both; that takes a signed checkpoint kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.errors import TrailError, UsageError
from auditor.git.command import Git
from auditor.git.history import read_changes, read_commits, read_skeleton
from auditor.git.mirror import Mirror, mirror_folder
from auditor.manifests.secrets import Redactor
from auditor.pipeline.records.rows import change_rows, commit_rows, landing_rows
from auditor.pipeline.state import redaction_key
from auditor.store.database import Database
from auditor.store.log import record_rows
from auditor.trail.comparison import differences
from auditor.trail.records import RECORD_KINDS

_NOT_FROM_GIT = {"landing": {"actor_kind"}}
"""What settings decide beside git."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RewalkResult:
    """One repository's comparison: `differences` in words, each naming the record.

    `beyond` counts commits of earlier readings that the tip does not reach: the log alone speaks for them.
    """

    repo: str
    tip: str
    commits: int
    changes: int
    beyond: int
    differences: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "repo": self.repo,
            "tip": self.tip,
            "commits": self.commits,
            "file_changes": self.changes,
            "unreachable_commits": self.beyond,
            "differences": list(self.differences),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedRepository:
    """A repository of the trail: its current generation and the tip that this was last read to."""

    repo: str
    location: str
    tip: str
    generation: int


def recorded_repositories(database: Database, repo: str = "") -> list[RecordedRepository]:
    """The trail's repositories (or the one of that name), those that have a history. UsageError where there is none."""
    rows = (
        database.cursor()
        .execute(
            "SELECT r.repo, r.location, arg_max(u.tip, u.rowid), any_value(g.generation) FROM trail.repository r"
            " JOIN trail.run u ON u.repo = r.repo JOIN trail.current_generation g ON g.repo = r.repo"
            " WHERE ? = '' OR r.repo = ? GROUP BY r.repo, r.location ORDER BY r.repo",
            [repo, repo],
        )
        .fetchall()
    )
    if not rows:
        raise UsageError(
            f"the trail holds no repository {repo!r}" if repo else "the trail is empty",
            hint="run `auditor scan` first",
        )
    return [RecordedRepository(repo=r[0], location=r[1], tip=r[2], generation=r[3]) for r in rows]


def rewalk(database: Database, folder: Path, recorded: RecordedRepository) -> RewalkResult:
    """Compares one repository's records with its mirror. TrailError where the mirror is gone."""
    path = mirror_folder(folder, recorded.location)
    if not (path / "HEAD").exists():
        raise TrailError(
            f"the mirror of {recorded.repo} is gone from {path}", hint="scan the repository again"
        )
    mirror = Mirror(
        git=Git(folder, safe=(path,)),
        path=path,
        name=recorded.repo,
        location=recorded.location,
        revision="",
        tip=recorded.tip,
        lacks=(),
    )
    skeleton = read_skeleton(mirror)
    redact = Redactor(redaction_key(folder)).redact_text
    accounts = _Accounts(database, recorded, frozenset(skeleton.parents))
    found = [
        *accounts.compare("commit_record", ("sha",), commit_rows(recorded.repo, read_commits(mirror, skeleton), redact)),
        *accounts.compare(
            "landing",
            ("sha",),
            landing_rows(
                recorded.repo, recorded.generation, read_commits(mirror, skeleton), skeleton.landed_in, redact
            ),
        ),
        *accounts.compare(
            "file_change", ("sha", "path"), change_rows(recorded.repo, read_changes(mirror, skeleton), redact)
        ),
    ]  # fmt: skip
    return RewalkResult(
        repo=recorded.repo,
        tip=recorded.tip,
        commits=accounts.compared["commit_record"],
        changes=accounts.compared["file_change"],
        beyond=accounts.beyond,
        differences=tuple(found),
    )


class _Accounts:
    """The trail's account against git's, table by table. A commit that an earlier reading has seen and the tip
    does not reach any more is left to the log; one of the current reading has to be in git."""

    def __init__(self, database: Database, recorded: RecordedRepository, reachable: AbstractSet[str]) -> None:
        self._database = database
        self._recorded = recorded
        rows = database.cursor().execute(
            "SELECT sha FROM trail.landing WHERE repo = ? AND generation = ?",
            [recorded.repo, recorded.generation],
        )
        self._expected = reachable | {row[0] for row in rows.fetchall()}
        self.compared: dict[str, int] = {}
        self.beyond = 0

    def compare(self, table: str, keys: tuple[str, ...], truth: Iterator[Sequence[Any]]) -> Iterator[str]:
        columns = RECORD_KINDS[table].columns
        keep = set(columns) - {"repo", "generation"} - _NOT_FROM_GIT.get(table, set())

        def chosen(row: Sequence[Any]) -> Mapping[str, Any]:
            return {name: value for name, value in zip(columns, row, strict=True) if name in keep}

        yield from differences(
            table, keys, map(chosen, self._recorded_rows(table, columns)), map(chosen, truth)
        )

    def _recorded_rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        where, values = "repo = ?", [self._recorded.repo]
        if table == "landing":
            where += f" AND generation = {self._recorded.generation:d}"
        sha = columns.index("sha")
        count = 0
        for row in record_rows(self._database.cursor(), table, columns, where, values):
            if row[sha] in self._expected:
                count += 1
                yield row[:-1]
            elif table == "commit_record":
                self.beyond += 1
        self.compared[table] = count
