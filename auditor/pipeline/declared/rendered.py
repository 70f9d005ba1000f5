"""Findings on what is rendered, over the landings that were rendered.

`opened_sha` stays empty where the first landing that was looked at showed the violation already, and no earlier run
knows better: saying a date that nobody saw would be worse than saying none. What was found gone at a landing whose
parent was not looked at is fixed there at the latest; by whom is then not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.findings.lifetimes import Landing, Lifetime, Sighting
from auditor.pipeline.declared.seen import SeenAt
from auditor.store.writer import Writer

NOT_EXACT = -1
"""The position of a landing where something was seen that another landing may have done."""


def rendered_lifetimes(
    writer: Writer,
    repo: str,
    seen: Sequence[SeenAt],
    *,
    positions: Mapping[str, int] | None,
    since: int | None = None,
    disabled: frozenset[str] = frozenset(),
) -> list[Lifetime]:
    """Lifetimes of rendered findings: still open, newly seen and gone since the last run.

    `positions` are those of all that landed where the whole history was looked at, and every lifetime is then said
    anew: as it was recorded what ended before the landings that were looked at, as it is seen the rest. None where
    the last run is gone on from. `since` is where what earlier runs rendered begins. Of `disabled` rules there is nothing: that they are not asked fixes nothing.
    """
    rows = writer.execute(
        "SELECT id, occurrence, rule_id, environment, api_version, kind, namespace, name, path, line, pointer,"
        " message, digest, opened_sha, fixed_sha FROM trail.finding WHERE repo = ? AND source = 'rendered'"
        " AND NOT coalesce(lost, false) ORDER BY id, occurrence",
        [repo],
    ).fetchall()
    known = [_as_recorded(row) for row in rows if row[2] not in disabled]
    if positions is not None:
        known = _known_before(known, positions, seen[0].landed.position if seen else None)
    story = _Story(known, repeats=positions is not None)
    if seen:
        reaches_back = (
            positions is not None and len(seen) > 1 and (since is None or seen[0].landed.position < since)
        )
        story.begin(seen[0], gone_at=seen[min(1, len(seen) - 1)], reaches_back=reaches_back)
    for at in seen[1:]:
        story.look(at)
    return story.said()


class _Story:
    """The lifetimes while they are told."""

    def __init__(self, known: Iterable[Lifetime], *, repeats: bool) -> None:
        self._open: dict[str, Lifetime] = {}
        self._closed: list[Lifetime] = []
        self._occurrences: dict[str, int] = {}
        self._unsure: set[str] = set()
        """Open where the first landing could not tell."""
        for lifetime in known:
            name = lifetime.sighting.id
            self._occurrences[name] = max(lifetime.occurrence, self._occurrences.get(name, 0))
            if lifetime.fixed is None:
                self._open[name] = lifetime
            elif repeats:
                self._closed.append(lifetime)

    def begin(self, first: SeenAt, *, gone_at: SeenAt, reaches_back: bool) -> None:
        """The first landing, which says all that is seen there. What is not was gone by the next one (`gone_at`).

        `reaches_back`: no earlier run looked at it, so what was first seen later, nobody knew since when, begins later.
        """
        self._come(first)
        here = {sighting.id for sighting in first.come}
        for name in [name for name in self._open if name not in here]:
            if first.holds(self._open[name].sighting):
                self._unsure.add(name)
            elif reaches_back and not self._open[name].opened.sha:
                del self._open[name]
                self._occurrences[name] -= 1
            else:
                self._close(name, Landing(sha=gone_at.landed.sha, position=NOT_EXACT))

    def look(self, at: SeenAt) -> None:
        """A landing against the one before it."""
        self._come(at)
        landing = Landing(sha=at.landed.sha, position=at.landed.position if at.exact else NOT_EXACT)
        self._unsure -= {sighting.id for sighting in at.come}
        told = {name for name in self._unsure if not at.holds(self._open[name].sighting)}
        self._unsure -= told
        for name in (*at.gone, *sorted(told)):
            if name in self._open:
                self._close(name, landing)

    def _come(self, at: SeenAt) -> None:
        opened = Landing(sha="", position=NOT_EXACT)
        if at.exact:
            opened = Landing(sha=at.landed.sha, position=at.landed.position)
        for sighting in at.come:
            lifetime = self._open.get(sighting.id)
            if lifetime is not None:
                lifetime.sighting = sighting
                continue
            occurrence = self._occurrences[sighting.id] = self._occurrences.get(sighting.id, 0) + 1
            self._open[sighting.id] = Lifetime(
                occurrence=occurrence, sighting=sighting, opened=opened, opened_path=sighting.path
            )

    def _close(self, name: str, landing: Landing) -> None:
        lifetime = self._open.pop(name)
        lifetime.fixed = landing
        lifetime.fixed_path = lifetime.sighting.path
        self._closed.append(lifetime)

    def said(self) -> list[Lifetime]:
        """Every lifetime that is open or was closed."""
        return [*self._open.values(), *self._closed]


def _known_before(
    known: Sequence[Lifetime], positions: Mapping[str, int], first: int | None
) -> list[Lifetime]:
    """What was recorded of the time before the landing at `first` (None: nothing was looked at, so all of it holds).

    What opened later is seen again. What rests on commits that are in the line no more is kept elsewhere.
    """
    kept: list[Lifetime] = []
    for lifetime in known if first != 0 else ():
        opened = positions.get(lifetime.opened.sha) if lifetime.opened.sha else -1
        if opened is None:
            continue
        if first is not None:
            fixed = positions.get(lifetime.fixed.sha) if lifetime.fixed is not None else None
            if opened > first:
                continue
            if lifetime.fixed is not None and fixed is not None and fixed > first:
                lifetime.fixed = None
        kept.append(lifetime)
    return kept


def _as_recorded(row: tuple[str, ...]) -> Lifetime:
    names = ("rule_id", "environment", "api_version", "kind", "namespace", "name", "path", "line", "pointer",
             "message", "digest")  # fmt: skip
    values = dict(zip(names, row[2:13], strict=True))
    sighting = Sighting(id=row[0], source="rendered", **values)  # type: ignore[arg-type]
    return Lifetime(
        occurrence=int(row[1]),
        sighting=sighting,
        opened=Landing(sha=row[13], position=NOT_EXACT),
        opened_path=sighting.path,
        fixed=Landing(sha=row[14], position=NOT_EXACT) if row[14] else None,
    )
