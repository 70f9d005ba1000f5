"""What the rules on changes have to be told."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from auditor.settings.section import Section


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone of the IANA database: {name!r} (such as Europe/Berlin)") from error
    return name


Expression = Annotated[str, AfterValidator(_expression)]
"""A regular expression of Python's `re`."""

_WEEKLY = re.compile(
    r"(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):([0-5]\d) - (mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):([0-5]\d)"
)


class FreezeSetting(Section):
    """When nothing may land: once, or each week."""

    name: str = Field(min_length=1, description="as findings name it")
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="IANA name of the clock it is by"
    )
    start: datetime | None = Field(default=None, description="of a freeze that is once; on that clock")
    end: datetime | None = Field(default=None, description="its end, which is outside")
    weekly: str = Field(default="", description="such as `fri 18:00 - mon 06:00`")
    environments: tuple[str, ...] = Field(default=(), description="only what touches these; all by default")

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        once = self.start is not None and self.end is not None
        if once == bool(self.weekly) or (self.start is None) != (self.end is None):
            raise ValueError("a freeze has either `start` and `end`, or `weekly`")
        if self.weekly and not _WEEKLY.fullmatch(self.weekly):
            raise ValueError("`weekly` is written as `fri 18:00 - mon 06:00`")
        if self.start is not None and self.end is not None:
            if self.start.tzinfo is not None or self.end.tzinfo is not None:
                raise ValueError(
                    "`start` and `end` are on the clock of `zone`, without an offset of their own"
                )
            if self.end <= self.start:
                raise ValueError("a freeze ends after it starts")
        return self


class HotfixSetting(Section):
    """How a change that goes straight to the last stage is announced; any of them is enough."""

    labels: tuple[str, ...] = Field(default=("hotfix",), description="labels of the request")
    subject: Expression = Field(
        default=r"(?i)^hotfix\b", description="expression that finds it in the subject"
    )
    trailers: tuple[str, ...] = Field(default=("Hotfix",), description="trailers of the message")


class ChangeControlSetting(Section):
    """What the rules on changes have to be told. A rule that was not told is skipped, and says so."""

    promotion: tuple[str, ...] = Field(
        default=(), description="environments in the order in which versions pass through them"
    )
    hotfix: HotfixSetting = HotfixSetting()
    tickets: Expression = Field(
        default=r"\b[A-Z][A-Z0-9]{1,9}-[1-9]\d*\b|(?<![\w/])#[1-9]\d*\b|\bGH-[1-9]\d*\b",
        description="expression that finds a ticket in a message",
    )
    freezes: tuple[FreezeSetting, ...] = Field(default=(), description="when nothing may land")
    floating_tags: tuple[str, ...] = Field(
        default=("latest", "stable", "edge", "nightly"), description="globs of tags that are made to move"
    )
    protected_branches: tuple[str, ...] = Field(
        default=(), description="globs of branches, besides the audited one, whose history only grows"
    )
    vendored: tuple[str, ...] = Field(
        default=("vendor/**", "**/vendor/**", "third_party/**", "**/third_party/**", "**/node_modules/**"),
        description="globs of paths that hold somebody else's release: binary files are expected there",
    )
