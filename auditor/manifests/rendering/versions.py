"""Which version of a chart a range means: the ranges of Masterminds/semver 3, which Helm, Flux and Argo CD read.

`1.2.3`, `v1.2`, `1.x`, `*`, `>=1.2 <2`, `~1.2`, `^1.2`, `1.2 - 1.4`, `1.x || >=3`. Versions before a release
(`-rc.1`) count only where the range names one itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import total_ordering

from auditor.errors import RenderError

_LONGEST = 512
_MOST_GROUPS = 32
_PARTS = (
    r"v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?"
    r"(-([0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?"
)
_OPERATORS = r"(=|!=|>=|=>|<=|=<|>|<|~>|~|\^|)"
_ONE = re.compile(rf"{_OPERATORS}\s*{_PARTS}")
_GROUP = re.compile(rf"\s*{_OPERATORS}\s*{_PARTS}\s*((\s+|,\s*){_OPERATORS}\s*{_PARTS}\s*)*")
_HYPHEN = re.compile(rf"\s*({_PARTS})\s+-\s+({_PARTS})\s*")
_VERSION = re.compile(
    r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(?:\+([0-9A-Za-z\-.]+))?",
    re.ASCII,
)


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version by the order of Semantic Versioning 2.0; what follows `+` does not count."""

    major: int
    minor: int
    patch: int
    before: tuple[str, ...] = ()
    """The dotted parts after `-`; empty for a release."""

    def __lt__(self, other: Version) -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
        parts = tuple((False, int(part), "") if part.isdigit() else (True, 0, part) for part in self.before)
        return self.major, self.minor, self.patch, not self.before, parts


def version_of(text: str) -> Version | None:
    """A version as charts write it, `v` in front and missing parts allowed; None where it is none."""
    match = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    numbers = [int((match[group] or "0")[:18]) for group in (1, 2, 3)]
    return Version(numbers[0], numbers[1], numbers[2], tuple(match[4].split(".")) if match[4] else ())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bound:
    """One comparison: `parts` says how many parts of the version were given, 3 for all."""

    operator: str
    version: Version
    parts: int


@dataclass(frozen=True, slots=True)
class Range:
    """A range of versions: any of its groups, all bounds of one."""

    groups: tuple[tuple[_Bound, ...], ...]

    def holds(self, version: Version) -> bool:
        """True where the version is in the range."""
        return any(_in_group(group, version) for group in self.groups)


def range_of(text: str) -> Range:
    """Reads a range; '' is any release. Raises RenderError for what is none."""
    if len(text) > _LONGEST or text.count("||") >= _MOST_GROUPS:
        raise RenderError("a range of versions is too long", hint="shorten it")
    if not text.strip():
        return Range(((_Bound(operator="", version=Version(0, 0, 0), parts=0),),))
    groups = []
    for group in _HYPHEN.sub(_from_to, text).split("||"):
        if not _GROUP.fullmatch(group):
            raise RenderError(f"{text!r} is no version and no range of versions", hint="correct it")
        groups.append(tuple(_bound(match) for match in _ONE.finditer(group)))
    return Range(tuple(groups))


def best_of(versions: Iterable[str], wanted: str) -> str | None:
    """The version that Helm and Flux take for `wanted`: the one that is spelt so, else the highest in the range.

    '' and '*' are the highest release. None where there is none. Raises RenderError for a bad range.
    """
    known = list(versions)
    if wanted in known and wanted:
        return wanted
    allowed = range_of(wanted)
    fitting = [
        (version, text)
        for text in known
        for version in [version_of(text)]
        if version is not None and allowed.holds(version)
    ]
    return max(fitting, default=(None, None))[1]


def is_exact(wanted: str) -> bool:
    """True for one whole version, which no newer one can replace."""
    match = _VERSION.fullmatch(wanted)
    return match is not None and match[3] is not None


def _from_to(match: re.Match[str]) -> str:
    half = len(match.groups()) // 2
    return f" >={match[1]} <={match[half + 1]} "


def _bound(match: re.Match[str]) -> _Bound:
    major, minor, patch = match[2], (match[3] or "").lstrip("."), (match[4] or "").lstrip(".")
    numbers: list[int] = []
    for part in (major, minor, patch):
        if not part.isdigit():
            break
        numbers.append(int(part[:18]))
    before = tuple(match[6].split(".")) if match[6] else ()
    filled = [*numbers, 0, 0, 0]
    return _Bound(
        operator=_SAME.get(match[1], match[1]),
        version=Version(filled[0], filled[1], filled[2], before),
        parts=len(numbers),
    )


_SAME = {"=>": ">=", "=<": "<=", "~>": "~"}


def _in_group(group: tuple[_Bound, ...], version: Version) -> bool:
    if version.before and not any(bound.version.before for bound in group):
        return False
    return all(_CHECKS[bound.operator](version, bound) for bound in group)


def _equal(version: Version, bound: _Bound) -> bool:
    return version == bound.version if bound.parts == 3 else _tilde(version, bound)


def _unequal(version: Version, bound: _Bound) -> bool:
    if bound.parts == 3:
        return version != bound.version
    if bound.parts == 2 and _begins(version, bound, 2):
        # Both may be versions before a release, which then decide.
        return bool(version.before or bound.version.before) and version.before != bound.version.before
    # Without a major version the library compares with 0.0.0, part by part.
    return not _begins(version, bound, 1 if bound.parts == 1 else 3 if bound.parts == 0 else 2)


def _greater(version: Version, bound: _Bound) -> bool:
    if bound.parts == 1:
        return version.major > bound.version.major
    if bound.parts == 2:
        return (version.major, version.minor) > (bound.version.major, bound.version.minor)
    return version > bound.version


def _at_most(version: Version, bound: _Bound) -> bool:
    if bound.parts == 3:
        return version <= bound.version
    if bound.parts == 1:
        return version.major <= bound.version.major
    return (version.major, version.minor) <= (bound.version.major, bound.version.minor)


def _tilde(version: Version, bound: _Bound) -> bool:
    if version < bound.version:
        return False
    low = bound.version
    if (low.major, low.minor, low.patch) == (0, 0, 0) and bound.parts in (0, 3):
        return True
    return _begins(version, bound, 1 if bound.parts == 1 else 2)


def _caret(version: Version, bound: _Bound) -> bool:
    low = bound.version
    if version < low:
        return False
    if low.major > 0 or bound.parts == 1:
        return version.major == low.major
    if low.minor > 0 or bound.parts == 2:
        return (version.major, version.minor) == (0, low.minor)
    # `^0.0.3` is that patch alone, and so `^*` is 0.0.0 alone: what the library does, not what it documents.
    return _begins(version, bound, 3)


def _begins(version: Version, bound: _Bound, parts: int) -> bool:
    found = (version.major, version.minor, version.patch)
    return found[:parts] == (bound.version.major, bound.version.minor, bound.version.patch)[:parts]


_CHECKS: dict[str, Callable[[Version, _Bound], bool]] = {
    "": _equal,
    "=": _equal,
    "!=": _unequal,
    ">": _greater,
    "<": lambda version, bound: version < bound.version,
    ">=": lambda version, bound: version >= bound.version,
    "<=": _at_most,
    "~": _tilde,
    "^": _caret,
}
