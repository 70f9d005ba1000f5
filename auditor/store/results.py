"""What a run found, as digests that its record holds: so that a changed finding or verdict shows.

A table with a key is digested in buckets, by the last characters of the key. The buckets' digests are kept, so a run
over few new commits digests few rows and not the whole table again. What is kept is no proof: `trail verify`
computes everything from the rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import duckdb

Cursor = duckdb.DuckDBPyConnection
BATCH_ROWS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultTable:
    """Which rows of a table are a run's, and its buckets: the last `letters` of the column `key` ('' for none)."""

    where: str
    key: str = ""
    letters: int = 0

    @property
    def grouping(self) -> str:
        """How digests say it."""
        return f"{self.key}/{self.letters}" if self.key else ""


_OF_REPO = "repo = $repo"

RESULT_TABLES: Mapping[str, ResultTable] = {
    "finding": ResultTable(where=_OF_REPO, key="id", letters=3),
    "resource": ResultTable(where=_OF_REPO),
    "rule_result": ResultTable(where=_OF_REPO),
    "gap": ResultTable(where=f"{_OF_REPO} AND run = $run"),
    "verdict": ResultTable(where=_OF_REPO, key="digest", letters=2),
    "judgement": ResultTable(where=_OF_REPO, key="digest", letters=2),
    "document": ResultTable(where=_OF_REPO, key="blob", letters=2),
    "problem": ResultTable(where=_OF_REPO, key="blob", letters=2),
    "blob": ResultTable(where=_OF_REPO, key="blob", letters=2),
}
"""What a run finds. Not the cross-check: it is recorded after the run is."""

Touched = Mapping[str, Collection[str]]
"""By table, the keys of all rows that a run has added, changed or taken away. A table that is missing here was
written anew."""


def results_digest(cursor: Cursor, repo: str, run: str) -> str:
    """What the run's results are, as JSON text: for each table `columns:SHA-256`, or `columns:key/letters:SHA-256`.

    The first SHA-256 is that of the sorted SHA-256s (hex, a newline after each) of the rows' texts, so it depends
    neither on threads nor on the order of rows. The second is that of a line `bucket:SHA-256` for each bucket that
    has rows, in the order of buckets, where this SHA-256 is made of the bucket's rows as the first is of all.
    `columns` is how many of the table's columns went in, so that one that a later version adds changes nothing.
    """
    return _text({table: _whole(cursor, table, repo, run) for table in RESULT_TABLES})


def table_digest(cursor: Cursor, table: str, repo: str, run: str, recorded: str) -> str:
    """The digest of one table's rows as they are now, made as the `recorded` one was, which may be of an earlier
    version. ValueError where that is none."""
    columns, *grouping, _ = recorded.split(":")
    where, key, letters = RESULT_TABLES[table].where, "", 0
    if grouping:
        key, _, count = grouping[0].partition("/")
        letters = int(count)
        if key not in dict(_columns(cursor, table)):
            raise ValueError(f"{table} has no column {key!r}")
    grouped = ResultTable(where=where, key=key, letters=letters)
    return _digest(cursor, table, grouped, repo, run, int(columns))


def record_results(
    cursor: Cursor,
    repo: str,
    run: str,
    *,
    tables: Iterable[str] | None = None,
    touched: Touched | None = None,
    earlier: str | None = None,
) -> str:
    """The same text as `results_digest`, by what is kept of earlier runs; keeps what the next one needs.

    `earlier` is the digest in the record of the repository's run before. With it, only `tables` (all by default) are
    computed and the others taken over, which is right where the run has not written them; and of a table with a key
    only what is `touched`. To be called inside the run's transaction.
    """
    before: dict[str, str] = json.loads(earlier) if earlier else {}
    digests = dict(before) if tables is not None else {}
    for table in RESULT_TABLES if tables is None else tables:
        declared = RESULT_TABLES[table]
        if not declared.key:
            digests[table] = _whole(cursor, table, repo, run)
            continue
        keys = touched.get(table) if touched is not None else None
        kept = _kept(cursor, repo, table) if keys is not None else {}
        columns = len(_columns(cursor, table))
        if keys is not None and before.get(table) == _of_buckets(columns, declared, kept):
            changed = {key[-declared.letters :] for key in keys}
            now = _buckets(cursor, table, declared, repo, run, columns, only=changed)
        else:
            changed, kept = set(), {}
            cursor.execute("DELETE FROM trail.result_bucket WHERE repo = ? AND name = ?", [repo, table])
            now = _buckets(cursor, table, declared, repo, run, columns)
        _keep(cursor, repo, table, changed, now)
        kept = {bucket: digest for bucket, digest in kept.items() if bucket not in changed} | now
        digests[table] = _of_buckets(columns, declared, kept)
    return _text(digests)


def _text(digests: Mapping[str, str]) -> str:
    return json.dumps(digests, sort_keys=True, separators=(",", ":"))


def _whole(cursor: Cursor, table: str, repo: str, run: str) -> str:
    return _digest(cursor, table, RESULT_TABLES[table], repo, run, len(_columns(cursor, table)))


def _digest(cursor: Cursor, table: str, grouped: ResultTable, repo: str, run: str, columns: int) -> str:
    if grouped.key:
        return _of_buckets(columns, grouped, _buckets(cursor, table, grouped, repo, run, columns))
    row_text, values = _row_text(cursor, table, columns), _values(grouped, repo, run)
    result = cursor.execute(
        f"SELECT sha256({row_text}) AS row_hash FROM trail.{table} WHERE {grouped.where} ORDER BY row_hash",  # noqa: S608 - ours
        values,
    )
    digest = hashlib.sha256()
    while rows := result.fetchmany(BATCH_ROWS):
        digest.update("".join([f"{row[0]}\n" for row in rows]).encode())
    return f"{columns}:{digest.hexdigest()}"


def _of_buckets(columns: int, grouped: ResultTable, buckets: Mapping[str, str]) -> str:
    lines = "".join(f"{bucket}:{digest}\n" for bucket, digest in sorted(buckets.items()))
    return f"{columns}:{grouped.grouping}:{hashlib.sha256(lines.encode()).hexdigest()}"


def _buckets(
    cursor: Cursor,
    table: str,
    grouped: ResultTable,
    repo: str,
    run: str,
    columns: int,
    *,
    only: Collection[str] | None = None,
) -> dict[str, str]:
    """The digest of each bucket that has rows (of `only` these buckets)."""
    if only is not None and not only:
        return {}
    bucket = f'right("{grouped.key}", {grouped.letters})'
    where, values = grouped.where, _values(grouped, repo, run)
    if only is not None:
        where += f" AND {bucket} IN (SELECT unnest($only::VARCHAR[]))"
        values["only"] = sorted(only)
    rows = cursor.execute(
        f"""
        SELECT bucket, sha256(string_agg(row_hash || chr(10), '' ORDER BY row_hash)) FROM (
            SELECT {bucket} AS bucket, sha256({_row_text(cursor, table, columns)}) AS row_hash
            FROM trail.{table} WHERE {where}
        ) GROUP BY bucket
        """,  # noqa: S608 - ours
        values,
    ).fetchall()
    return dict(rows)


def _kept(cursor: Cursor, repo: str, table: str) -> dict[str, str]:
    rows = cursor.execute(
        "SELECT bucket, digest FROM trail.result_bucket WHERE repo = ? AND name = ?", [repo, table]
    ).fetchall()
    return dict(rows)


def _keep(cursor: Cursor, repo: str, table: str, changed: Collection[str], now: Mapping[str, str]) -> None:
    if changed:
        cursor.execute(
            "DELETE FROM trail.result_bucket WHERE repo = ? AND name = ? AND bucket IN (SELECT unnest(?::VARCHAR[]))",
            [repo, table, sorted(changed)],
        )
    if now:
        cursor.execute(
            "INSERT INTO trail.result_bucket SELECT ?, ?, unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
            [repo, table, list(now), list(now.values())],
        )


def _values(grouped: ResultTable, repo: str, run: str) -> dict[str, object]:
    return {name: value for name, value in (("repo", repo), ("run", run)) if f"${name}" in grouped.where}


def _columns(cursor: Cursor, table: str) -> list[tuple[str, str]]:
    described = cursor.execute(f"SELECT * FROM trail.{table} LIMIT 0").description or ()  # noqa: S608 - ours
    return [(column[0], str(column[1])) for column in described]


def _row_text(cursor: Cursor, table: str, columns: int) -> str:
    """SQL for a row's text, of its first `columns`."""
    return f"concat({', '.join(_column_text(*column) for column in _columns(cursor, table)[:columns])})"


def _column_text(name: str, data_type: str) -> str:
    """SQL for a column's text such that no two rows have the same: texts with their length, NULL as `-`."""
    column = f'"{name}"'
    if data_type == "VARCHAR":
        return f"coalesce(strlen({column}) || ':' || {column}, '-')"
    if data_type == "VARCHAR[]":
        entries = f"list_transform({column}, lambda entry: coalesce(strlen(entry) || ':' || entry, '-'))"
        return f"coalesce(len({column}) || '[' || array_to_string({entries}, ''), '-')"
    if data_type == "TIMESTAMP WITH TIME ZONE":
        return f"coalesce(epoch_us({column}) || ';', '-;')"
    return f"coalesce({column}::VARCHAR || ';', '-;')"
