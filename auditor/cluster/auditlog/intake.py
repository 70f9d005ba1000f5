"""Takes an audit log line by line: gives the writes, joins stages, and counts what could not be read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auditor.cluster.auditlog.event import (
    COMPLETE,
    address_of,
    events_of,
    is_done,
    is_object_write,
    time_of,
    write_of,
)
from auditor.cluster.auditlog.lines import Line
from auditor.model import AuditEvent, AuditGap


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a log may take: bytes of a line, requests remembered to join stages and drop doubles, problems named.

    `quiet_s` is the silence between two rotated files below which nothing is thought of it.
    """

    line_bytes: int = 16 * 1024**2
    remembered: int = 200_000
    problems: int = 20
    quiet_s: float = 600.0


About = Callable[[str, str, str, str], bool]
"""Whether a write of the group, resource, namespace and name is asked for."""


@dataclass(slots=True)
class Span:
    """The times that one file holds; `silence` is the longest between two of its events."""

    name: str
    first: datetime | None = None
    last: datetime | None = None
    silence: timedelta = timedelta()

    def extend(self, at: datetime) -> None:
        """Takes in an event's time; events are written when they end, so they are only nearly in order."""
        if self.last is not None:
            self.silence = max(self.silence, at - self.last)
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)


class Intake:
    """What was taken in so far. Bodies of requests do not outlive `take`."""

    def __init__(self, digest: Callable[[str], str], limits: Limits) -> None:
        """`digest` is the keyed digest under which the cluster's Secrets were redacted."""
        self._digest, self._limits = digest, limits
        self._done: OrderedDict[str, None] = OrderedDict()
        self._begun: OrderedDict[str, str] = OrderedDict()
        self._lost_unfinished = 0
        self._open_gap: AuditGap | None = None
        self.lines = self.writes = self.unreadable = 0
        self.problems: list[str] = []
        self.gaps: list[AuditGap] = []
        self.open_end = False
        self.about: About | None = None

    def take(self, line: Line, span: Span, *, active: bool) -> Iterator[AuditEvent]:
        """The writes that the line tells of. `active`: somebody may still be writing the file's last line."""
        self.lines += 1
        place = f"{span.name}:{line.number}"
        if line.data is None:
            self._unreadable(
                place, f"longer than {self._limits.line_bytes:,} bytes", span, cut=active and not line.ended
            )
            return
        try:
            for event in events_of(line.data):
                at = time_of(event)
                span.extend(at)
                self._close_gap(at)
                found = self._event(event, place)
                if found is not None:
                    yield found
        except (ValueError, RecursionError) as error:
            self._unreadable(place, str(error), span, cut=active and not line.ended)

    def _event(self, event: Mapping[str, Any], place: str) -> AuditEvent | None:
        if not is_object_write(event):
            return None
        key = event["auditID"]
        if key in self._done:
            return None
        if event["stage"] != COMPLETE:
            self._remember(self._begun, key, _brief(event, place))
            return None
        self._begun.pop(key, None)
        self._remember(self._done, key, None)
        if not is_done(event):
            return None
        self.writes += 1
        if self.about is not None and not self.about(*address_of(event)):
            return None
        return write_of(event, place, self._digest)

    def _remember(self, memory: OrderedDict[str, Any], key: str, value: Any) -> None:
        memory[key] = value
        if len(memory) > self._limits.remembered:
            memory.popitem(last=False)
            self._lost_unfinished += memory is self._begun

    def _unreadable(self, place: str, why: str, span: Span, *, cut: bool) -> None:
        if cut:
            self.open_end = True
            return
        self.unreadable += 1
        self.problem(f"{place}: {why}")
        if self._open_gap is None:
            self._open_gap = AuditGap(after=span.last, before=None, why=f"unreadable from {place} on")

    def _close_gap(self, at: datetime) -> None:
        if self._open_gap is not None:
            self.gaps.append(AuditGap(after=self._open_gap.after, before=at, why=self._open_gap.why))
            self._open_gap = None

    def end_of_file(self) -> None:
        """The file is read; what was unreadable at its end may be of any time after."""
        if self._open_gap is not None:
            self.gaps.append(self._open_gap)
            self._open_gap = None

    def damaged(self, span: Span, why: str) -> None:
        """The file could not be read to its end."""
        self.problem(f"{span.name}: {why}")
        self.gaps.append(AuditGap(after=span.last, before=None, why=f"{span.name} is damaged"))

    def problem(self, text: str) -> None:
        """Names a problem; of very many only the first ones."""
        if len(self.problems) < self._limits.problems:
            self.problems.append(text)

    def unfinished(self) -> tuple[str, ...]:
        """Writes that began and whose end is not in the log: whether they were carried out is unknown."""
        named = list(self._begun.values())[: self._limits.problems]
        left = len(self._begun) - len(named) + self._lost_unfinished
        return (*named, f"{left:,} more") if left else tuple(named)


def _brief(event: Mapping[str, Any], place: str) -> str:
    ref, user = event["objectRef"], event.get("user")
    who = user.get("username") if isinstance(user, dict) else ""
    name = "/".join(str(ref[key])[:253] for key in ("namespace", "name") if ref.get(key))
    return f"{place}: {event['verb']} {str(ref['resource'])[:253]} {name} by {str(who)[:253]}"
