"""The table of formats that `auditor check` writes. Each is imported when it is asked for: a CI job uses one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.reports.check.interface import CheckFormat


def _table() -> CheckFormat:
    from auditor.reports.check.table import TableFormat

    return TableFormat()


def _json() -> CheckFormat:
    from auditor.reports.check.json_document import JsonFormat

    return JsonFormat()


def _sarif() -> CheckFormat:
    from auditor.reports.check.sarif import SarifFormat

    return SarifFormat()


def _junit() -> CheckFormat:
    from auditor.reports.check.junit import JUnitFormat

    return JUnitFormat()


def _github() -> CheckFormat:
    from auditor.reports.check.github import GitHubFormat

    return GitHubFormat()


CHECK_FORMATS: Mapping[str, Callable[[], CheckFormat]] = MappingProxyType(
    {"table": _table, "json": _json, "sarif": _sarif, "junit": _junit, "github": _github}
)
"""Every format by its name."""


def check_format(name: str) -> CheckFormat:
    """The format of that name; UsageError where there is none."""
    made = CHECK_FORMATS.get(name)
    if made is None:
        raise UsageError(f"there is no format {name!r}", hint=f"one of {', '.join(CHECK_FORMATS)}")
    return made()
