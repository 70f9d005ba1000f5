"""The trail's integrity: its log, its signed checkpoints, where refs went, and readings of history."""

from __future__ import annotations

import duckdb

from auditor.store.pages.sql import OF_REPOSITORY, Row, first_row, rows


def log_head(cursor: duckdb.DuckDBPyConnection) -> Row | None:
    """The log after the last run: size (records), root (hex), recorded_at, run; None before there was one."""
    return first_row(
        cursor,
        """SELECT size, lower(hex(root)) AS root, recorded_at, run FROM trail.tree_head
           ORDER BY size DESC, recorded_at DESC LIMIT 1""",
    )


def list_checkpoints(cursor: duckdb.DuckDBPyConnection, *, limit: int = 100) -> list[Row]:
    """Signed heads, the newest first: size, root (base64), signed_at, key_id, and `newer`, the records since."""
    return rows(
        cursor,
        """SELECT c.size, c.root, c.signed_at, c.key_id,
                  (coalesce((SELECT max(size) FROM trail.tree_head), c.size) - c.size)::BIGINT AS newer
           FROM checkpoints c ORDER BY c.size DESC, c.signed_at DESC LIMIT $limit""",
        {"limit": limit},
    )


def list_refs(cursor: duckdb.DuckDBPyConnection, repo: str = "", *, limit: int = 200) -> list[Row]:
    """Where refs went, the newest observation first: seen_at, repo, ref, move, old_sha, new_sha."""
    return rows(
        cursor,
        f"""SELECT seen_at, repo, ref, move, old_sha, new_sha FROM ref_observations WHERE {OF_REPOSITORY}
            ORDER BY seen_at DESC, repo, ref LIMIT $limit""",  # noqa: S608 - a constant
        {"repo": repo, "limit": limit},
    )


def lost_commits(cursor: duckdb.DuckDBPyConnection, repo: str = "", *, limit: int = 200) -> list[Row]:
    """Commits that no ref reaches any more, newest first: repo, sha, committed_at, author_name, subject."""
    return rows(
        cursor,
        f"""SELECT repo, sha, committed_at, author_name, subject FROM commits WHERE lost AND {OF_REPOSITORY}
            ORDER BY committed_at DESC, sha LIMIT $limit""",  # noqa: S608
        {"repo": repo, "limit": limit},
    )


def ref_moves(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> dict[str, int]:
    """How many observations there are of each move: created, advanced, rewritten, moved, deleted."""
    found = rows(
        cursor,
        f"SELECT move, count(*) AS n FROM ref_observations WHERE {OF_REPOSITORY} GROUP BY move ORDER BY move",  # noqa: S608
        {"repo": repo},
    )
    return {row["move"]: row["n"] for row in found}


def list_generations(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> list[Row]:
    """The readings of each repository's landing line, newest first: repo, generation, reason, run, begun_at, landed."""
    return rows(
        cursor,
        f"""
        SELECT g.repo, g.generation, g.reason, g.run, r.finished_at AS begun_at,
               (SELECT count(*) FROM trail.landing l
                WHERE l.repo = g.repo AND l.generation = g.generation AND l.landed) AS landed
        FROM (SELECT * FROM trail.generation WHERE {OF_REPOSITORY}) g LEFT JOIN trail.run r ON r.id = g.run
        ORDER BY g.repo, g.generation DESC
        """,  # noqa: S608
        {"repo": repo},
    )
