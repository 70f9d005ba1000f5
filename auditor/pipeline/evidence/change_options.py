"""`change_control` of the settings as the rules read it."""

from __future__ import annotations

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

from auditor.changecontrol.options import ChangeOptions, Freeze, HotfixMarks
from auditor.settings import ChangeControlSetting, FreezeSetting

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def change_options(setting: ChangeControlSetting) -> ChangeOptions:
    """The same, with expressions compiled and times on their clocks."""
    subject = setting.hotfix.subject
    return ChangeOptions(
        promotion=setting.promotion,
        hotfix=HotfixMarks(
            labels=setting.hotfix.labels,
            subject=re.compile(subject) if subject else None,
            trailers=setting.hotfix.trailers,
        ),
        tickets=re.compile(setting.tickets),
        freezes=tuple(_freeze(one) for one in setting.freezes),
        floating_tags=setting.floating_tags,
        protected_branches=setting.protected_branches,
        vendored=setting.vendored,
    )


def _freeze(setting: FreezeSetting) -> Freeze:
    zone = ZoneInfo(setting.zone)
    if not setting.weekly:
        return Freeze(
            name=setting.name,
            zone=zone,
            environments=setting.environments,
            start=_on_the_clock(setting.start, zone),
            end=_on_the_clock(setting.end, zone),
        )
    first, last = (part.split(" ") for part in setting.weekly.split(" - "))
    return Freeze(
        name=setting.name,
        zone=zone,
        environments=setting.environments,
        start_day=_DAYS.index(first[0]),
        start_time=time.fromisoformat(first[1]),
        end_day=_DAYS.index(last[0]),
        end_time=time.fromisoformat(last[1]),
    )


def _on_the_clock(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.replace(tzinfo=zone) if moment is not None else None
