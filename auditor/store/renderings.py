"""Renderings of the last audited tip: what the next run need not render again, and since when all was rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from auditor.store.database import Database
from auditor.store.writer import Writer


class RenderingRow(NamedTuple):
    """One build; columns of trail.rendering after repo."""

    folder: str
    key: str
    failure: str
    message: str
    documents: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRenderings:
    """The builds of one tip. `scope` says with what they were made, `complete` whether they are all there are,
    `since` from which position of the landing line on every landing was rendered (None where that is not known),
    `held` (JSON) which resources of deployments that could not be rendered were known before,
    `stored` that these very rows are in the database."""

    tip: str = ""
    scope: str = ""
    complete: bool = False
    since: int | None = None
    held: str = "[]"
    rows: Sequence[RenderingRow] = ()
    stored: bool = False


def stored_renderings(database: Database, repo: str) -> StoredRenderings:
    """What the last run that rendered left; empty where none did. Uses a cursor of its own."""
    cursor = database.cursor()
    found = cursor.execute(
        "SELECT tip, scope, complete, since, held FROM trail.rendered_tip WHERE repo = ?", [repo]
    ).fetchone()
    if found is None:
        return StoredRenderings()
    rows = cursor.execute(
        "SELECT folder, key, failure, message, documents FROM trail.rendering WHERE repo = ?", [repo]
    ).fetchall()
    return StoredRenderings(
        tip=found[0],
        scope=found[1],
        complete=found[2],
        since=found[3],
        held=found[4],
        rows=[RenderingRow(*row) for row in rows],
        stored=True,
    )


def rendered_since(database: Database, repo: str) -> int | None:
    """The position of the landing from which on all were rendered; None where that is not known."""
    found = (
        database.cursor().execute("SELECT since FROM trail.rendered_tip WHERE repo = ?", [repo]).fetchone()
    )
    return found[0] if found is not None else None


def record_renderings(writer: Writer, repo: str, renderings: StoredRenderings) -> None:
    """Replaces what was stored, so that nothing stays that the tip has no use for."""
    if not renderings.stored:
        writer.replace("rendering", ((repo, *row) for row in renderings.rows), repo=repo)
    head = (repo, renderings.tip, renderings.scope, renderings.complete, renderings.since, renderings.held)
    writer.replace("rendered_tip", [head] if renderings.tip else (), repo=repo)
