"""Holds the records of commits and file changes against git itself, and names each that is wrong.

This proves that the trail says what the mirror's objects say. It proves nothing against somebody who can
rewrite both; that takes a signed checkpoint kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.errors import TrailError, UsageError
from auditor.git.command import Git
from auditor.git.history import read_changes, read_commits, read_skeleton
from auditor.git.mirror import Mirror, mirror_folder
from auditor.pipeline.rows import change_rows, commit_rows
from auditor.pipeline.state import state_folder
from auditor.store.database import Database, open_database
from auditor.store.previous import rows_of

_FROM_GIT = ("tree", "parents", "landed", "position", "landed_in", "author_name", "author_email", "authored_at",
             "author_zone_minutes", "committer_name", "committer_email", "committed_at", "committer_zone_minutes",
             "subject", "body", "pull_request", "signature_format")  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyResult:
    """One repository's comparison: `differences` in words, each naming the record."""

    repo: str
    tip: str
    commits: int
    changes: int
    differences: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "repo": self.repo,
            "tip": self.tip,
            "commits": self.commits,
            "file_changes": self.changes,
            "differences": list(self.differences),
        }


def verify_records(database: Path, *, repo: str = "") -> list[VerifyResult]:
    """Compares the trail with the mirrors beside the database, repository by repository.

    Raises StoreError without a database, UsageError for an unknown repository, TrailError where a
    mirror is gone.
    """
    folder = state_folder(database)
    with open_database(database, read_only=True) as opened:
        known = opened.cursor().execute(
            "SELECT r.repo, r.location, arg_max(u.tip, u.finished_at) FROM trail.repository r"
            " JOIN trail.run u ON u.repo = r.repo WHERE ? = '' OR r.repo = ? GROUP BY ALL ORDER BY r.repo",
            [repo, repo],
        ).fetchall()
        if not known:
            raise UsageError(f"the trail holds no repository {repo!r}" if repo else "the trail is empty",
                             hint="run `auditor scan` first")  # fmt: skip
        return [_verify(opened, folder, name, location, tip) for name, location, tip in known]


def _verify(database: Database, folder: Path, repo: str, location: str, tip: str) -> VerifyResult:
    path = mirror_folder(folder, location)
    if not (path / "HEAD").exists():
        raise TrailError(f"the mirror of {repo} is gone from {path}", hint="scan the repository again")
    mirror = Mirror(
        git=Git(folder, safe=(path,)), path=path, name=repo, location=location, revision="", tip=tip, lacks=()
    )
    skeleton = read_skeleton(mirror)
    changes = list(read_changes(mirror, skeleton))
    columns = _columns(database, "commit_record")
    truth = {row[1]: dict(zip(columns, row[1:], strict=True)) for row in
             commit_rows(repo, read_commits(mirror, skeleton), skeleton.landed_in)}  # fmt: skip
    recorded = [dict(zip(columns, row, strict=True)) for row in rows_of(database, "commit_record", repo)]
    differences = [*_commit_differences(recorded, truth), *_change_differences(database, repo, changes)]
    return VerifyResult(
        repo=repo, tip=tip, commits=len(recorded), changes=len(changes), differences=tuple(differences)
    )


def _commit_differences(
    recorded: list[dict[str, Any]], truth: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    seen: set[str] = set()
    for record in recorded:
        sha = record["sha"]
        if sha in seen:
            yield f"commit {sha}: recorded twice"
        seen.add(sha)
        real = truth.get(sha)
        if real is None:
            yield f"commit {sha}: recorded, and not in git's history of the tip"
            continue
        for name in _FROM_GIT:
            if record[name] != real[name]:
                yield f"commit {sha}: {name} is recorded as {record[name]!r}, git says {real[name]!r}"
    for sha in truth.keys() - seen:
        yield f"commit {sha}: in git, and not recorded"


def _change_differences(database: Database, repo: str, changes: list[Any]) -> Iterator[str]:
    truth = {tuple(row[1:]) for row in change_rows(repo, changes)}
    recorded = list(rows_of(database, "file_change", repo))
    for row in recorded:
        if row not in truth:
            yield f"file change of {row[0]} at {row[1]}: recorded as {row[3]} {row[4]}→{row[5]}, git says otherwise"
    for row in sorted(truth.difference(recorded)):
        yield f"file change of {row[0]} at {row[1]}: in git, and not recorded"
    if len(recorded) > len(set(recorded)):
        yield f"{len(recorded) - len(set(recorded))} file changes are recorded twice"


def _columns(database: Database, table: str) -> list[str]:
    cursor = database.cursor().execute(f"SELECT * EXCLUDE (repo) FROM trail.{table} LIMIT 0")  # noqa: S608
    return [column[0] for column in cursor.description or ()]
