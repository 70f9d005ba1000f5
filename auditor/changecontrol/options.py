"""What the operator configures of change control, as the rules read it. Everything empty is a rule not asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Freeze:
    """A time in which nothing may land, in the operator's own zone.

    Either once, from `start` to `end` (the end is outside), or each week from `start_day` and `start_time` to
    `end_day` and `end_time`; days count from Monday, 0. `environments` empty: all of them.
    """

    name: str
    zone: ZoneInfo
    environments: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    start_day: int = 0
    start_time: time = time()
    end_day: int = 0
    end_time: time = time()

    def around(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """The window that the moment is in, as (begin, end); None where it is in none.

        A weekly window follows the clock on the wall: in the week in which clocks change it is an hour longer
        or shorter.
        """
        if self.start is not None and self.end is not None:
            return (self.start, self.end) if self.start <= moment < self.end else None
        local = moment.astimezone(self.zone)
        monday = local.date() - timedelta(days=local.weekday())
        for weeks_ago in (0, 1):
            first = monday - weeks_ago * WEEK
            begin = datetime.combine(first + timedelta(days=self.start_day), self.start_time, self.zone)
            end_date = first + timedelta(days=self.end_day)
            if (self.end_day, self.end_time) <= (self.start_day, self.start_time):
                end_date += WEEK
            end = datetime.combine(end_date, self.end_time, self.zone)
            # Compared as moments: two times of one zone would be compared by the wall, in spite of its jumps.
            if begin.timestamp() <= moment.timestamp() < end.timestamp():
                return begin, end
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class HotfixMarks:
    """How a change to production that skips the stages before is announced. Any of them is enough."""

    labels: tuple[str, ...] = ("hotfix",)
    subject: re.Pattern[str] | None = re.compile(r"^hotfix\b", re.IGNORECASE)
    trailers: tuple[str, ...] = ("Hotfix",)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeOptions:
    """Everything that is configured. `promotion` are environments, the first stage first.

    `floating_tags` are names of tags (globs) that are meant to move; `protected_branches` branches (globs) whose
    history must not be rewritten, besides the audited one. `vendored` are globs of paths whose content is
    somebody else's release: there, binary files and programs are expected.
    """

    promotion: tuple[str, ...] = ()
    hotfix: HotfixMarks = HotfixMarks()
    tickets: re.Pattern[str] = re.compile(
        r"\b[A-Z][A-Z0-9]{1,9}-[1-9]\d*\b|(?<![\w/])#[1-9]\d*\b|\bGH-[1-9]\d*\b"
    )
    freezes: tuple[Freeze, ...] = ()
    floating_tags: tuple[str, ...] = ("latest", "stable", "edge", "nightly")
    protected_branches: tuple[str, ...] = ()
    vendored: tuple[str, ...] = (
        "vendor/**",
        "**/vendor/**",
        "third_party/**",
        "**/third_party/**",
        "**/node_modules/**",
    )
