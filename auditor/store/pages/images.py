"""The images that git declares: the filtered list with what registries said, and one of them over time.

The command line asks with the same SQL and the pages with the saved questions, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from auditor.store.pages.sql import Conditions, Row, first_row, number, rows
from auditor.store.saved import saved_query

IMAGES = """
SELECT i.*,
       -- Named by automation as what it watches: nothing runs from it, so there is nothing to pin.
       i.field IN ('flux-image-repository', 'argo-image-updater') AS watched,
       f.digest AS digest_now, i.digest <> '' AND f.digest <> '' AND i.digest <> f.digest AS moved, f.signed, f.evidence,
       f.failure, f.observed_at
FROM images i
LEFT JOIN (FROM registry_facts QUALIFY row_number() OVER
           (PARTITION BY registry, repository, reference ORDER BY observed_at DESC) = 1) f
  ON f.registry = i.registry AND f.repository = i.repository
 AND f.reference = CASE WHEN i.tag <> '' THEN i.tag WHEN i.digest <> '' THEN i.digest ELSE 'latest' END
"""
"""Every place that names an image, with the registry's last answer; NULLs where it was never asked."""

TOTALS = """
SELECT count(*) AS places, count(DISTINCT coalesce(nullif(concat(registry, '/', repository, ':', tag, '@', digest), '/:@'),
       image)) AS images, count(DISTINCT nullif(registry, '')) AS registries,
       count(*) FILTER (WHERE NOT pinned AND NOT watched) AS unpinned, count(*) FILTER (WHERE watched) AS watched,
       count(*) FILTER (WHERE policy <> '') AS moved_by_policy, count(*) FILTER (WHERE rendered) AS rendered,
       count(*) FILTER (WHERE observed_at IS NOT NULL) AS asked
"""
"""Counts over rows of IMAGES."""

PINNING = ("unpinned", "pinned", "watched")
"""Whether a digest pins a place; what is only watched neither is nor should be."""

DECLARED = ("written", "rendered")
"""Whether a place stands in a file or in what is made of files."""

UNREADABLE = "not readable"
"""The registry of what cannot be taken apart: a variable, for one."""

_KEY = "substr(md5(concat_ws(chr(0), repo, environment, path, kind, namespace, name, pointer, rendered_from)), 1, 12)"
_ROWS = f"""
    SELECT *, {_KEY} AS key, if(registry = '', '{UNREADABLE}', registry) AS host,
           CASE WHEN watched THEN 'watched' WHEN pinned THEN 'pinned' ELSE 'unpinned' END AS pinning,
           if(rendered, 'rendered', 'written') AS declared
    FROM ({IMAGES})
"""  # noqa: S608 - constants
_TEXT_COLUMNS = ("image", "name", "namespace", "path", "pointer", "policy")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageFilter:
    """Which places to show; what is empty does not narrow. `text` is looked for in image, resource, path and policy."""

    repo: str = ""
    environments: tuple[str, ...] = ()
    registries: tuple[str, ...] = ()
    pinning: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    text: str = ""


def _conditions(wanted: ImageFilter) -> Conditions:
    conditions = Conditions()
    if wanted.repo:
        conditions.add("repo = $repo", repo=wanted.repo)
    conditions.one_of("environment", wanted.environments)
    conditions.one_of("host", wanted.registries)
    conditions.one_of("pinning", wanted.pinning)
    conditions.one_of("declared", wanted.declared)
    conditions.one_of("policy", wanted.policies)
    conditions.text_in(_TEXT_COLUMNS, wanted.text)
    return conditions


def image_totals(cursor: duckdb.DuckDBPyConnection, wanted: ImageFilter) -> Row:
    """What the filter keeps, counted: the columns of TOTALS."""
    conditions = _conditions(wanted)
    found = first_row(cursor, f"{TOTALS} FROM ({_ROWS}) {conditions.where}", conditions.values)
    return found or {}


def list_images(
    cursor: duckdb.DuckDBPyConnection, wanted: ImageFilter, *, limit: int, offset: int = 0
) -> list[Row]:
    """One page of places by registry, repository and version: the columns of IMAGES, `key`, `host`, `pinning` and
    `declared`."""
    conditions = _conditions(wanted)
    return rows(
        cursor,
        f"""
        SELECT * FROM ({_ROWS}) {conditions.where}
        ORDER BY host = '{UNREADABLE}', host, repository, tag, digest, image, environment, kind, namespace, name, path,
                 pointer, rendered_from
        LIMIT $limit OFFSET $offset
        """,  # noqa: S608 - values are bound
        {**conditions.values, "limit": limit, "offset": offset},
    )


def find_image(cursor: duckdb.DuckDBPyConnection, key: str) -> Row | None:
    """The place of that key, None where the audited tip has none (any more)."""
    if not key:
        return None
    return first_row(cursor, f"SELECT * FROM ({_ROWS}) WHERE key = $key LIMIT 1", {"key": key})  # noqa: S608


def image_choices(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> dict[str, list[str]]:
    """What the filters can offer: environments, registries and policies that occur, sorted."""
    found = rows(
        cursor,
        f"""
        WITH chosen AS (SELECT * FROM ({_ROWS}) WHERE $repo = '' OR repo = $repo)
        SELECT 'environments' AS field, environment AS choice FROM chosen
        UNION SELECT 'registries', host FROM chosen
        UNION SELECT 'policies', policy FROM chosen
        ORDER BY field, choice
        """,  # noqa: S608 - constants
        {"repo": repo},
    )
    choices: dict[str, list[str]] = {"environments": [], "registries": [], "policies": []}
    for row in found:
        if row["choice"]:
            choices[row["field"]].append(row["choice"])
    return choices


def written_reference(cursor: duckdb.DuckDBPyConnection, place: Row) -> Row | None:
    """The newest place in a file that names the same image, of the place's own environment where it has one: what a
    rendered place has it from. The place itself where it is written; None where no file names it."""
    if not place["rendered"]:
        return place
    if not place["registry"]:
        return None
    return first_row(
        cursor,
        f"""
        SELECT * FROM ({_ROWS})
        WHERE NOT rendered AND watched = $watched AND repo = $repo AND registry = $registry AND repository = $repository
          AND tag = $tag AND digest = $digest
        ORDER BY environment <> $environment, since DESC NULLS LAST, path, pointer LIMIT 1
        """,  # noqa: S608 - constants
        {
            name: place[name]
            for name in ("repo", "environment", "registry", "repository", "tag", "digest", "watched")
        },
    )


def place_history(cursor: duckdb.DuckDBPyConnection, place: Row, *, limit: int = 100) -> list[Row]:
    """What a written place was set to, newest first (the saved question image-history): since, pointer, old, new,
    author_name, actor_kind, pull_request, sha, path. For a rendered one ask of its `written_reference`."""
    saved = saved_query("image-history")
    values = saved.bind({"name": place["name"], "environment": place["environment"]})
    return rows(
        cursor,
        f"""
        SELECT * FROM ({saved.sql})
        WHERE kind = $kind AND namespace = $namespace AND (pointer = $pointer OR starts_with(pointer, $pointer || '.'))
          AND sha IN (SELECT sha FROM commits WHERE repo = $repo)
        ORDER BY since DESC, pointer LIMIT $limit
        """,  # noqa: S608 - ours, values are bound
        {
            **values,
            "kind": place["kind"],
            "namespace": place["namespace"],
            "pointer": place["pointer"],
            "repo": place["repo"],
            "limit": limit,
        },
    )


def version_seen(cursor: duckdb.DuckDBPyConnection, place: Row, *, limit: int = 100) -> list[Row]:
    """Every stay of a place's version in a written field, first to last (the saved question value-first-seen): since,
    until, environment, kind, namespace, name, pointer, author_name, pull_request, landed_sha. An image that is written
    in pieces is told by its tag or digest at that place. For a rendered one ask of its `written_reference`."""
    tag, digest = place["tag"], place["digest"]
    saved = saved_query("value-first-seen")
    values = saved.bind({"value": tag or digest or place["image"], "pointer": place["pointer"]})
    # A piece may hold both, as `tag: 1.2@sha256:…` of a chart's values does.
    meant = [words for words in (place["image"], tag, digest, f"{tag}@{digest}") if words]
    return rows(
        cursor,
        f"""
        SELECT * FROM ({saved.sql})
        WHERE list_contains($meant, trim(value, '"')) AND landed_sha IN (SELECT sha FROM commits WHERE repo = $repo)
        ORDER BY since, environment, kind, namespace, name, pointer LIMIT $limit
        """,  # noqa: S608 - ours, values are bound
        {**values, "meant": meant, "repo": place["repo"], "limit": limit},
    )


def images_as_of(
    cursor: duckdb.DuckDBPyConnection, at: date, environment: str = "", *, limit: int = 2000
) -> list[Row]:
    """What was declared when a day (UTC) began (the saved question images-as-of): image, places, environments, since,
    set_by, first_place."""
    saved = saved_query("images-as-of")
    values = saved.bind({"at": at.isoformat(), "environment": environment})
    return rows(
        cursor,
        f"SELECT * FROM ({saved.sql}) ORDER BY image LIMIT $limit",  # noqa: S608 - ours, values are bound
        {**values, "limit": limit},
    )


def has_images(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> bool:
    """True where the audited tip names any image."""
    return number(cursor, "SELECT count(*) FROM images WHERE $repo = '' OR repo = $repo", {"repo": repo}) > 0
