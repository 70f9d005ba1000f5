"""Holds the records of commits and file changes against git itself, and names each that is wrong.

This proves that the trail says what the mirror's objects say. It proves nothing against somebody who can
rewrite both; that takes a signed checkpoint kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.errors import TrailError, UsageError
from auditor.git.command import Git
from auditor.git.history import read_changes, read_commits, read_skeleton
from auditor.git.mirror import Mirror, mirror_folder
from auditor.manifests.secrets import Redactor
from auditor.pipeline.rows import change_rows, commit_rows
from auditor.pipeline.state import redaction_key, state_folder
from auditor.store.database import Database, open_database
from auditor.store.previous import rows_of
from auditor.trail.comparison import differences

_FROM_GIT = ("sha", "tree", "parents", "landed", "position", "landed_in", "author_name", "author_email", "authored_at",
             "author_zone_minutes", "committer_name", "committer_email", "committed_at", "committer_zone_minutes",
             "subject", "body", "pull_request", "signature_format")  # fmt: skip


_CHANGE = ("sha", "path", "old_path", "change", "old_blob", "new_blob", "old_mode", "new_mode", "landed")


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
        known = (
            opened.cursor()
            .execute(
                "SELECT r.repo, r.location, arg_max(u.tip, u.finished_at) FROM trail.repository r"
                " JOIN trail.run u ON u.repo = r.repo WHERE ? = '' OR r.repo = ? GROUP BY ALL ORDER BY r.repo",
                [repo, repo],
            )
            .fetchall()
        )
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
    redact = Redactor(redaction_key(folder)).redact_text
    commits = _records(
        database,
        repo,
        "commit_record",
        _FROM_GIT,
        commit_rows(repo, read_commits(mirror, skeleton), skeleton.landed_in, redact),
    )
    changes = _records(
        database, repo, "file_change", _CHANGE, change_rows(repo, read_changes(mirror, skeleton), redact)
    )
    found = (
        *differences("commit", ("sha",), commits.recorded, commits.truth),
        *differences("file_change", ("sha", "path"), changes.recorded, changes.truth),
    )
    counted = [_count(database, table, repo) for table in ("commit_record", "file_change")]
    return VerifyResult(repo=repo, tip=tip, commits=counted[0], changes=counted[1], differences=found)


@dataclass(frozen=True, slots=True)
class _Accounts:
    recorded: Iterator[dict[str, Any]]
    truth: Iterator[dict[str, Any]]


def _records(
    database: Database, repo: str, table: str, fields: Sequence[str], truth: Iterable[Sequence[Any]]
) -> _Accounts:
    columns = _columns(database, table)
    keep = set(fields)

    def chosen(row: Sequence[Any]) -> dict[str, Any]:
        return {name: value for name, value in zip(columns, row, strict=True) if name in keep}

    return _Accounts(
        recorded=(chosen(row) for row in rows_of(database, table, repo)),
        truth=(chosen(row[1:]) for row in truth),
    )


def _count(database: Database, table: str, repo: str) -> int:
    sql = f"SELECT count(*) FROM trail.{table} WHERE repo = ?"  # noqa: S608 - table is ours
    row = database.cursor().execute(sql, [repo]).fetchone()
    return int(row[0]) if row else 0


def _columns(database: Database, table: str) -> list[str]:
    cursor = database.cursor().execute(f"SELECT * EXCLUDE (repo) FROM trail.{table} LIMIT 0")  # noqa: S608
    return [column[0] for column in cursor.description or ()]
