"""What is known of images: references by document, markers of image automation, and what registries said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from auditor.store.database import Database
from auditor.store.writer import Writer, writing


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownImages:
    """`digests` of documents that name images, `contents` that were looked at, and those of them with markers."""

    digests: frozenset[str]
    contents: frozenset[str]
    marked: frozenset[str]


NOTHING_KNOWN = KnownImages(digests=frozenset(), contents=frozenset(), marked=frozenset())
"""Before the first run."""


class RegistryFact(NamedTuple):
    """What a registry said of a tag or digest; columns of trail.registry_fact."""

    registry: str
    repository: str
    reference: str
    digest: str
    signed: bool | None
    evidence: str
    failure: str
    observed_at: datetime


def known_images(database: Database, repo: str) -> KnownImages:
    """What earlier runs have read of a repository. Uses a cursor of its own."""
    cursor = database.cursor()

    def column(sql: str) -> frozenset[str]:
        return frozenset(value for (value,) in cursor.execute(sql, [repo]).fetchall())

    return KnownImages(
        digests=column("SELECT DISTINCT digest FROM trail.image_reference WHERE repo = ?"),
        contents=column("SELECT content FROM trail.image_file WHERE repo = ?"),
        marked=column("SELECT DISTINCT content FROM trail.image_marker WHERE repo = ?"),
    )


def record_images(
    writer: Writer,
    repo: str,
    *,
    references: Iterable[Sequence[Any]],
    markers: Iterable[Sequence[Any]],
    contents: Iterable[Sequence[Any]],
    marked: Iterable[Sequence[Any]],
) -> None:
    """Adds what was read (rows without repo), and says which files of the tip have markers."""
    writer.append("image_reference", ((repo, *row) for row in references))
    writer.append("image_marker", ((repo, *row) for row in markers))
    writer.append("image_file", ((repo, *row) for row in contents))
    writer.replace("marked_file", ((repo, *row) for row in marked), repo=repo)


def forget_images(writer: Writer, repo: str) -> None:
    """Drops all that was read of a repository's images: it is read anew, as its other contents are."""
    for table in ("image_reference", "image_marker", "image_file", "marked_file"):
        writer.execute(f"DELETE FROM trail.{table} WHERE repo = ?", [repo])  # noqa: S608 - ours


def references_at_tip(database: Database) -> list[tuple[str, str, str, str]]:
    """(registry, repository, tag, digest) of every image that is declared now and can be read, each once."""
    return (
        database.cursor()
        .execute(
            "SELECT DISTINCT registry, repository, tag, digest FROM images WHERE registry <> '' ORDER BY ALL"
        )
        .fetchall()
    )


def latest_facts(database: Database) -> dict[tuple[str, str, str], RegistryFact]:
    """What each registry said last, by (registry, repository, reference)."""
    rows = (
        database.cursor()
        .execute(
            "SELECT * FROM trail.registry_fact QUALIFY row_number() OVER"
            " (PARTITION BY registry, repository, reference ORDER BY observed_at DESC) = 1"
        )
        .fetchall()
    )
    return {row[:3]: RegistryFact(*row) for row in rows}


def record_facts(database: Database, facts: Iterable[RegistryFact]) -> None:
    """Adds what registries said; nothing of before is changed."""
    with writing(database) as writer:
        writer.append("registry_fact", facts)
