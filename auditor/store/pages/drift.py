"""Drift: what differs between git and the clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from auditor.store.pages.sql import OF_REPOSITORY, SEVERITY_RANK, Conditions, Row, number, rows, table

if TYPE_CHECKING:
    import pyarrow as pa

# A drift row has no name of its own; its place in the cluster is one, short enough for an address.
_KEY = "left(sha256(concat_ws(chr(31), repo, cluster, api_version, kind, namespace, name, pointer, verdict)), 16)"


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftFilter:
    """Which differences to show; what is empty does not narrow."""

    repo: str = ""
    clusters: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    text: str = ""


def _conditions(wanted: DriftFilter) -> Conditions:
    conditions = Conditions()
    if wanted.repo:
        conditions.add("repo = $repo", repo=wanted.repo)
    conditions.one_of("cluster", wanted.clusters)
    conditions.one_of("verdict", wanted.verdicts)
    conditions.one_of("severity", wanted.severities)
    conditions.one_of("kind", wanted.kinds)
    conditions.text_in(("name", "namespace", "pointer", "actor", "manager", "declared", "live"), wanted.text)
    return conditions


def count_drift(cursor: duckdb.DuckDBPyConnection, wanted: DriftFilter) -> int:
    """How many differences the filter keeps."""
    conditions = _conditions(wanted)
    query = f"SELECT count(*) FROM drift {conditions.where}"  # noqa: S608 - values are bound
    return number(cursor, query, conditions.values)


def list_drift(
    cursor: duckdb.DuckDBPyConnection, wanted: DriftFilter, *, limit: int, offset: int = 0
) -> pa.Table:
    """One page of differences, worst first, each with its `key`."""
    conditions = _conditions(wanted)
    return table(
        cursor,
        f"""
        SELECT {_KEY} AS key, * FROM drift {conditions.where}
        ORDER BY {SEVERITY_RANK} DESC, cluster, verdict, kind, namespace, name, pointer
        LIMIT $limit OFFSET $offset
        """,  # noqa: S608
        {**conditions.values, "limit": limit, "offset": offset},
    )


def drift_by_verdict(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> list[Row]:
    """Differences by cluster and verdict: cluster, verdict, n."""
    return rows(
        cursor,
        f"""SELECT cluster, verdict, count(*) AS n FROM drift WHERE {OF_REPOSITORY}
            GROUP BY ALL ORDER BY cluster, n DESC, verdict""",  # noqa: S608
        {"repo": repo},
    )


def latest_cross_checks(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> list[Row]:
    """The last comparison of each cluster; empty where none was ever compared.

    `compared` and `unknown` count resources, `taken_at` is when the recording was made (None where it
    does not say), `incomplete` names what the recording does not hold whole.
    """
    return rows(
        cursor,
        f"""
        SELECT * FROM cross_checks WHERE {OF_REPOSITORY}
        QUALIFY row_number() OVER (PARTITION BY repo, cluster ORDER BY seen_at DESC) = 1
        ORDER BY cluster, repo
        """,  # noqa: S608
        {"repo": repo},
    )


def drift_choices(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> dict[str, list[str]]:
    """What the filters can offer: clusters (with or without drift) and kinds that occur, sorted."""
    found = rows(
        cursor,
        f"""
        SELECT 'clusters' AS field, cluster AS choice FROM drift WHERE {OF_REPOSITORY}
        UNION SELECT 'clusters', cluster FROM cross_checks WHERE {OF_REPOSITORY}
        UNION SELECT 'kinds', kind FROM drift WHERE {OF_REPOSITORY} ORDER BY field, choice
        """,  # noqa: S608
        {"repo": repo},
    )
    choices: dict[str, list[str]] = {"clusters": [], "kinds": []}
    for row in found:
        choices[row["field"]].append(row["choice"])
    return choices


def drift_rows(cursor: duckdb.DuckDBPyConnection, key: str) -> list[Row]:
    """The difference with that key (newest first where it was seen more than once); empty if there is none."""
    return rows(
        cursor,
        f"SELECT {_KEY} AS key, * FROM drift WHERE {_KEY} = $key ORDER BY seen_at DESC",  # noqa: S608
        {"key": key},
    )
