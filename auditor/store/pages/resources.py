"""One resource over time: its fields as they stand, each field's values, and every change.

The questions are the saved ones of the command line, so that a page and an auditor's query cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import duckdb

from auditor.store.pages.sql import Row, first_row, rows
from auditor.store.saved import saved_query


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourcePlace:
    """A resource by what tells it from others; the API version is not part of it."""

    repo: str
    environment: str
    kind: str
    namespace: str
    name: str


def place_of(row: Mapping[str, str]) -> ResourcePlace:
    """The place of whatever row tells a resource: a finding, a difference, a change."""
    return ResourcePlace(
        repo=row["repo"],
        environment=row["environment"],
        kind=row["kind"],
        namespace=row["namespace"],
        name=row["name"],
    )


def find_resources(cursor: duckdb.DuckDBPyConnection, wanted: ResourcePlace, *, limit: int = 50) -> list[Row]:
    """The resources that were ever declared so, '' in `wanted` meaning any: repo, environment, kind, namespace, name,
    last path and API version, and `declared`, whether it is declared at the audited tip."""
    return rows(
        cursor,
        """
        WITH last AS (
            SELECT repo, environment, kind, namespace, name, arg_max(path, position) AS path,
                   arg_max(api_version, position) AS api_version
            FROM resource_changes
            WHERE landed AND ($repo = '' OR repo = $repo) AND ($environment = '' OR environment = $environment)
              AND ($kind = '' OR kind = $kind) AND ($namespace = '' OR namespace = $namespace)
              AND ($name = '' OR name = $name)
            GROUP BY ALL
        )
        SELECT last.*, r.repo IS NOT NULL AS declared
        FROM last LEFT JOIN (SELECT DISTINCT repo, environment, kind, namespace, name FROM resources
                             WHERE rendered_from = '') r USING (repo, environment, kind, namespace, name)
        ORDER BY repo, environment, kind, namespace, name LIMIT $limit
        """,
        {**_parameters(wanted), "repo": wanted.repo, "limit": limit},
    )


def fields_now(cursor: duckdb.DuckDBPyConnection, place: ResourcePlace, *, limit: int = 1000) -> list[Row]:
    """Each field as it stands at the audited tip: pointer, value, who set it, when and in which request."""
    return _saved(cursor, "who-set-now", place, {"pointer": ""}, limit)


def field_values(
    cursor: duckdb.DuckDBPyConnection, place: ResourcePlace, pointer: str, *, limit: int = 500
) -> list[Row]:
    """The values that a field (and all below it) had, newest first: value, since, until, who set it."""
    return _saved(cursor, "field-history", place, {"pointer": pointer}, limit, "since DESC, pointer")


def resource_commits(
    cursor: duckdb.DuckDBPyConnection, place: ResourcePlace, *, limit: int = 200
) -> list[Row]:
    """Every landed commit that changed the resource, newest first: landed_at, change, path, who, and how many fields."""
    return rows(
        cursor,
        """
        WITH change AS (
            SELECT repo, sha, position, path, change, old_digest, new_digest FROM resource_changes
            WHERE landed AND repo = $repo AND environment = $environment AND kind = $kind AND namespace = $namespace
              AND name = $name
            ORDER BY position DESC LIMIT $limit
        ), field AS (
            SELECT repo, sha, path, count(*) AS fields FROM field_changes
            WHERE landed AND repo = $repo AND environment = $environment AND kind = $kind AND namespace = $namespace
              AND name = $name
            GROUP BY ALL
        )
        SELECT c.committed_at AS landed_at, change.change, change.path, change.sha, c.author_name, c.actor_kind,
               c.pull_request, c.subject, coalesce(field.fields, 0)::BIGINT AS fields
        FROM change JOIN commits c USING (repo, sha) LEFT JOIN field USING (repo, sha, path)
        ORDER BY change.position DESC, change.path
        """,
        {**_parameters(place), "repo": place.repo, "limit": limit},
    )


def known_place(cursor: duckdb.DuckDBPyConnection, wanted: ResourcePlace) -> bool:
    """True where the resource was ever declared in git: one that is only rendered has no history of its own."""
    return bool(
        first_row(
            cursor,
            """SELECT 1 AS one FROM resource_changes
               WHERE landed AND repo = $repo AND environment = $environment AND kind = $kind
                 AND namespace = $namespace AND name = $name LIMIT 1""",
            {**_parameters(wanted), "repo": wanted.repo},
        )
    )


def _parameters(place: ResourcePlace) -> dict[str, str]:
    return {
        "environment": place.environment,
        "kind": place.kind,
        "namespace": place.namespace,
        "name": place.name,
    }


def _saved(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    place: ResourcePlace,
    more: Mapping[str, str],
    limit: int,
    order: str = "namespace, path, pointer",
) -> list[Row]:
    values = saved_query(name).bind({**_parameters(place), **more})
    return rows(cursor, _of_one(name, order), {**values, "repository": place.repo, "rows": limit})


@cache
def _of_one(name: str, order: str) -> str:
    """The saved query for one repository and namespace ('' means any to it), so many rows of it."""
    return f"""
        SELECT * FROM ({saved_query(name).sql}) WHERE repo = $repository AND namespace = $namespace
        ORDER BY {order} LIMIT $rows
    """  # noqa: S608 - ours, values are bound
