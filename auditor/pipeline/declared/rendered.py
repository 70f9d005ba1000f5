"""Findings on what the tip renders to. Only tips are rendered, so most of their beginnings are not known.

`opened_sha` stays empty unless exactly the audited tip is known to have brought the violation in, which it is
where the run before rendered its first parent: saying a date that nobody saw would be worse than saying none.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.findings.lifetimes import Landing, Lifetime, Sighting
from auditor.store.writer import Writer


def rendered_lifetimes(
    writer: Writer,
    repo: str,
    sightings: Iterable[Sighting],
    tip: str,
    *,
    fresh: bool,
    opened: str = "",
    disabled: frozenset[str] = frozenset(),
) -> list[Lifetime]:
    """Lifetimes of rendered findings: still open, newly seen, and (unless `fresh`) gone since the last run.

    `opened` is the commit that brought in what is newly seen, '' where that is not known. Of `disabled` rules there is
    nothing: that they are not asked fixes nothing.
    """
    rows = writer.execute(
        "SELECT id, occurrence, rule_id, environment, api_version, kind, namespace, name, path, line, pointer,"
        " message, digest, opened_sha, fixed_sha FROM trail.finding WHERE repo = ? AND source = 'rendered'"
        " ORDER BY id, occurrence",
        [repo],
    ).fetchall()
    rows = [row for row in rows if row[2] not in disabled]
    known: dict[str, tuple[int, bool, str]] = {row[0]: (row[1], row[14] != "", row[13]) for row in rows}
    lifetimes: list[Lifetime] = []
    present: set[str] = set()
    for sighting in sightings:
        if sighting.id in present:
            continue
        present.add(sighting.id)
        occurrence, was_fixed, opened_sha = known.get(sighting.id, (0, True, ""))
        lifetimes.append(
            Lifetime(
                occurrence=occurrence + 1 if was_fixed else occurrence,
                sighting=sighting,
                opened=Landing(sha=opened if was_fixed else opened_sha, position=-1),
                opened_path=sighting.path,
            )
        )
    for row in rows:
        if row[14] == "" and row[0] not in present:
            lifetimes.append(_gone(row, tip))
        elif fresh and row[14] != "":
            lifetimes.append(_as_recorded(row))
    return lifetimes


def _gone(row: tuple[str, ...], tip: str) -> Lifetime:
    lifetime = _as_recorded(row)
    lifetime.fixed = Landing(sha=tip, position=-1)
    lifetime.fixed_path = lifetime.sighting.path
    return lifetime


def _as_recorded(row: tuple[str, ...]) -> Lifetime:
    names = ("rule_id", "environment", "api_version", "kind", "namespace", "name", "path", "line", "pointer",
             "message", "digest")  # fmt: skip
    values = dict(zip(names, row[2:13], strict=True))
    sighting = Sighting(id=row[0], source="rendered", **values)  # type: ignore[arg-type]
    return Lifetime(
        occurrence=int(row[1]),
        sighting=sighting,
        opened=Landing(sha=row[13], position=-1),
        opened_path=sighting.path,
        fixed=Landing(sha=row[14], position=-1) if row[14] else None,
    )
