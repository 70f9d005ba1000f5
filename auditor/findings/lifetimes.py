"""When each violation landed and when it went, along the first-parent line.

The state of the repository at a landed commit is a set of files; each file shows some violations. A
violation is open while at least one file shows it: moving a resource to another file, or holding the
same resource twice, neither closes nor opens anything. Each landing costs what it changes, not what the
tree holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """One violation as one file shows it. `id` is the fingerprint; the rest may differ between files."""

    id: str
    rule_id: str
    source: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    path: str
    line: int
    pointer: str
    message: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Landing:
    """The landed commit at which something opened or was fixed; position along the first-parent line."""

    sha: str
    position: int


@dataclass(kw_only=True, slots=True)
class Lifetime:
    """One open interval of a violation; `fixed` None while it is open.

    `sighting` is where it was seen last, `opened_path` the file that brought it in and `fixed_path` the
    one whose change took it out.
    """

    occurrence: int
    sighting: Sighting
    opened: Landing
    opened_path: str
    fixed: Landing | None = None
    fixed_path: str = ""


@dataclass(slots=True)
class Lifetimes:
    """Replays landings and keeps every lifetime.

    `closed` and `open` may be filled from an earlier run before the first landing: `resume`.
    """

    open: dict[str, Lifetime] = field(default_factory=dict)
    closed: list[Lifetime] = field(default_factory=list)
    touched: set[tuple[str, int]] = field(default_factory=set)
    _shown_by: dict[str, dict[str, Sighting]] = field(default_factory=dict)
    _occurrences: dict[str, int] = field(default_factory=dict)

    def resume(
        self, lifetimes: Iterable[Lifetime], occurrences: Mapping[str, int], shown: Iterable[Sighting]
    ) -> None:
        """Takes up an earlier run: its open lifetimes, the number of occurrences of every id so far, and
        what the files of the earlier tip show."""
        self.open = {lifetime.sighting.id: lifetime for lifetime in lifetimes}
        self._occurrences = dict(occurrences)
        for sighting in shown:
            self._shown_by.setdefault(sighting.id, {})[sighting.path] = sighting

    def take(
        self,
        open: Mapping[str, Lifetime],  # noqa: A002 - as the field
        closed: Iterable[Lifetime],
        touched: Iterable[tuple[str, int]],
    ) -> None:
        """Lifetimes of violations that no file shows by itself, when nothing more will land."""
        self.open.update(open)
        self.closed.extend(closed)
        self.touched.update(touched)

    def land(
        self,
        landing: Landing,
        *,
        gone: Iterable[tuple[str, Iterable[Sighting]]],
        come: Iterable[tuple[str, Iterable[Sighting]]],
    ) -> None:
        """One landed commit: per path, what its old content showed and what its new content shows.

        Only the difference before and after the whole commit counts, so the order of paths does not.
        """
        lost: dict[str, str] = {}
        for path, sightings in gone:
            for sighting in sightings:
                shown = self._shown_by.get(sighting.id)
                if shown is not None and shown.pop(path, None) is not None:
                    lost.setdefault(sighting.id, path)
        gained: dict[str, Sighting] = {}
        for path, sightings in come:
            for sighting in sightings:
                self._shown_by.setdefault(sighting.id, {})[path] = sighting
                gained.setdefault(sighting.id, sighting)
        for identifier, sighting in gained.items():
            self._gained(identifier, sighting, landing)
        for identifier, path in lost.items():
            self._lost(identifier, path, landing)

    def _gained(self, identifier: str, sighting: Sighting, landing: Landing) -> None:
        lifetime = self.open.get(identifier)
        if lifetime is not None:
            if lifetime.sighting != sighting:
                lifetime.sighting = sighting
                self.touched.add((identifier, lifetime.occurrence))
            return
        occurrence = self._occurrences.get(identifier, 0) + 1
        self._occurrences[identifier] = occurrence
        self.open[identifier] = Lifetime(
            occurrence=occurrence, sighting=sighting, opened=landing, opened_path=sighting.path
        )
        self.touched.add((identifier, occurrence))

    def _lost(self, identifier: str, path: str, landing: Landing) -> None:
        shown = self._shown_by.get(identifier)
        lifetime = self.open.get(identifier)
        if lifetime is None:
            return
        if shown:
            if lifetime.sighting.path not in shown:
                lifetime.sighting = shown[min(shown)]
                self.touched.add((identifier, lifetime.occurrence))
            return
        self._shown_by.pop(identifier, None)
        del self.open[identifier]
        lifetime.fixed = landing
        lifetime.fixed_path = path
        self.closed.append(lifetime)
        self.touched.add((identifier, lifetime.occurrence))
