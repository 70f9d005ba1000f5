"""What earlier runs saw that git does not keep: where refs were, which commits were lost, whose signatures held."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from auditor.store.database import Database


def refs_before(database: Database, repo: str) -> dict[str, str]:
    """Where the last observation found each branch and tag; those that were gone are not in it."""
    rows = database.cursor().execute(
        """
        SELECT ref, arg_max(new_sha, seq) AS sha FROM trail.ref_observation WHERE repo = ?
        GROUP BY ref HAVING sha <> '' ORDER BY ref
        """,
        [repo],
    )
    return dict(rows.fetchall())


def last_tip(database: Database, repo: str) -> str:
    """The tip of the last recorded run, '' before the first."""
    row = (
        database.cursor()
        .execute("SELECT tip FROM trail.run WHERE repo = ? ORDER BY rowid DESC LIMIT 1", [repo])
        .fetchone()
    )
    return str(row[0]) if row else ""


def lost_before(database: Database, repo: str) -> set[str]:
    """Commits that the last word says are lost."""
    rows = database.cursor().execute(
        "SELECT sha FROM trail.commit_loss WHERE repo = ? GROUP BY sha HAVING arg_max(lost, seq)", [repo]
    )
    return {sha for (sha,) in rows.fetchall()}


def recorded_commits(database: Database, repo: str, shas: Collection[str] | None = None) -> set[str]:
    """The commits of the repository that are recorded; of the given ones, or all of them."""
    cursor = database.cursor()
    if shas is None:
        rows = cursor.execute("SELECT sha FROM trail.commit_record WHERE repo = ?", [repo])
    else:
        rows = cursor.execute(
            "SELECT sha FROM trail.commit_record WHERE repo = ? AND sha IN (SELECT unnest(?::VARCHAR[]))",
            [repo, list(shas)],
        )
    return {sha for (sha,) in rows.fetchall()}


def signed_commits(database: Database, repo: str) -> dict[str, str]:
    """Every recorded commit that bears a signature, with the signature's format."""
    rows = database.cursor().execute(
        "SELECT sha, signature_format FROM trail.commit_record WHERE repo = ? AND signature_format <> ''",
        [repo],
    )
    return dict(rows.fetchall())


def checked_against(database: Database, repo: str) -> dict[str, str]:
    """By commit, the digest of the trust store of its last check."""
    rows = database.cursor().execute(
        "SELECT sha, arg_max(trust, seq) FROM trail.signature_check WHERE repo = ? GROUP BY sha", [repo]
    )
    return dict(rows.fetchall())


def checks_that_failed(database: Database, repo: str) -> set[str]:
    """Commits whose last check ended in an error, and says nothing about the signature."""
    rows = database.cursor().execute(
        "SELECT sha FROM trail.signature_check WHERE repo = ? GROUP BY sha HAVING arg_max(status, seq) = 'error'",
        [repo],
    )
    return {sha for (sha,) in rows.fetchall()}


def observations_before(database: Database, repo: str) -> list[tuple[str, str, str, str, datetime]]:
    """Every recorded move of a ref, oldest first: (ref, old sha, new sha, move, seen at)."""
    return (
        database.cursor()
        .execute(
            "SELECT ref, old_sha, new_sha, move, seen_at FROM trail.ref_observation WHERE repo = ? ORDER BY seq",
            [repo],
        )
        .fetchall()
    )
