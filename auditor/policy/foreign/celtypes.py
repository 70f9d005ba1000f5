"""Kubernetes' functions for CEL: quantities, IP addresses, CIDRs, URLs, versions, regular expressions, lists, sets.

Each value of these types is a map with one key that tells its type. After
https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal, InvalidOperation
from itertools import pairwise
from typing import Any
from urllib.parse import SplitResult, urlsplit

from auditor.policy.foreign.patterns import compiled

Value = Mapping[str, Any]

LONGEST_TEXT = 1_000_000
"""Characters that a regular expression is held against; RE2 takes time in proportion."""

_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "E": Decimal(10**18),
    **{f"{letter}i": Decimal(1024**power) for power, letter in enumerate("KMGTPE", start=1)},
}
_QUANTITY = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?")
_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?"
)


@dataclass(frozen=True, slots=True)
class Function:
    """One overload: the types it takes (the receiver first), what it gives, and its code."""

    name: str
    takes: tuple[str, ...]
    gives: str
    code: Callable[..., Any]
    is_member: bool = True


def quantity(text: str) -> Decimal:
    """The number that a resource quantity stands for, rounded up to 1n. ValueError where it is none."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no quantity")
    number, suffix, exponent = found.groups()
    try:
        scale = Decimal(10) ** int(exponent) if exponent else _SUFFIXES[suffix or ""]
        return (Decimal(number) * scale).quantize(Decimal("1e-9"), rounding=ROUND_UP)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is too large a quantity") from error


def _is(make: Callable[[str], Any]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            make(text)
        except ValueError:
            return False
        return True

    return holds


def _as_quantity(number: Decimal) -> Value:
    return {"quantity": str(number.normalize())}


def _number(value: Any) -> Decimal:
    """A quantity's number, or an integer's."""
    if isinstance(value, bool) or not isinstance(value, int | Mapping):
        raise ValueError("a quantity is needed")
    return Decimal(value) if isinstance(value, int) else Decimal(value["quantity"])


def _order(left: Value, right: Value) -> int:
    if "semver" in left:
        one, other = _precedence(left["semver"]), _precedence(right["semver"])
        return (one > other) - (one < other)
    a, b = _number(left), _number(right)
    return (a > b) - (a < b)


def _integer(value: Value) -> int:
    number = _number(value)
    if number != number.to_integral_value() or abs(number) >= 2**63:
        raise ValueError("cannot convert value to integer")
    return int(number)


def _version(text: str) -> Value:
    if not _VERSION.fullmatch(text):
        raise ValueError(f"{text!r} is no semantic version")
    return {"semver": text}


def _part(number: int) -> Callable[[Value], int]:
    def part(value: Value) -> int:
        found = _VERSION.fullmatch(value["semver"])
        return int(found[number]) if found else 0

    return part


def _precedence(text: str) -> tuple[Any, ...]:
    """Semantic versioning's order: numbers, then a release after its pre-releases, then identifiers."""
    found = _VERSION.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no semantic version")
    before = found[4]
    identifiers = tuple(
        (0, int(one), "") if one.isdigit() else (1, 0, one) for one in (before.split(".") if before else ())
    )
    return (int(found[1]), int(found[2]), int(found[3]), before is None, identifiers)


def _ip(text: str) -> Any:
    if "%" in text:
        raise ValueError("an address with a zone")
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        raise ValueError("an IPv4 address written as IPv6")
    return address


def _cidr(text: str) -> Any:
    if "/" not in text:
        raise ValueError(f"{text!r} is no CIDR")
    _ip(text.partition("/")[0])
    return ipaddress.ip_interface(text)


def _address(value: Any) -> Any:
    return _ip(value if isinstance(value, str) else value["ip"])


def _range(value: Any) -> Any:
    return _cidr(value if isinstance(value, str) else value["cidr"])


def _contains_cidr(value: Any, other: Any) -> bool:
    outer, inner = _range(value).network, _range(other).network
    return bool(outer.version == inner.version and inner.subnet_of(outer))


def _url(text: str) -> SplitResult:
    parts = urlsplit(text)
    parts.port  # noqa: B018 - raises ValueError for a port that is none
    if not (parts.scheme and parts.netloc) and not text.startswith("/"):
        raise ValueError(f"{text!r} is no absolute URL")
    return parts


def _host(value: Value) -> str:
    return _url(value["url"]).netloc.rpartition("@")[2]


def _hostname(value: Value) -> str:
    host = _host(value)
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _query(value: Value) -> dict[str, list[str]]:
    from urllib.parse import parse_qs

    return parse_qs(_url(value["url"]).query, keep_blank_values=True)


def _find(text: str, pattern: str) -> str:
    found = compiled(pattern).search(_bounded(text))
    return str(found.group()) if found else ""


def _find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    found: list[str] = []
    last = -1
    for one in compiled(pattern).finditer(_bounded(text)):
        if 0 <= limit <= len(found):
            break
        # As Go has it: nothing at all, right behind a match, is no match.
        if one.end() > one.start() or one.start() != last:
            found.append(one.group())
        last = one.end()
    return found


def _bounded(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a text of {len(text)} characters is not searched")
    return text


def _index(values: list[Any], wanted: Any) -> int:
    return next((number for number, one in enumerate(values) if one == wanted), -1)


def _last_index(values: list[Any], wanted: Any) -> int:
    return next((n for n in range(len(values) - 1, -1, -1) if values[n] == wanted), -1)


def _sorted(values: list[Any]) -> bool:
    return all(left <= right for left, right in pairwise(values))


_Q, _B, _S, _I, _D, _L = "dyn", "bool", "string", "int", "double", "list"

FUNCTIONS: tuple[Function, ...] = (
    Function("quantity", (_S,), _Q, lambda text: _as_quantity(quantity(text)), is_member=False),
    Function("isQuantity", (_S,), _B, _is(quantity), is_member=False),
    Function("isInteger", (_Q,), _B, lambda value: _is(lambda _: _integer(value))("")),
    Function("asInteger", (_Q,), _I, _integer),
    Function("asApproximateFloat", (_Q,), _D, lambda value: float(_number(value))),
    Function("sign", (_Q,), _I, lambda value: (_number(value) > 0) - (_number(value) < 0)),
    Function("add", (_Q, _Q), _Q, lambda left, right: _as_quantity(_number(left) + _number(right))),
    Function("sub", (_Q, _Q), _Q, lambda left, right: _as_quantity(_number(left) - _number(right))),
    Function("isGreaterThan", (_Q, _Q), _B, lambda left, right: _order(left, right) > 0),
    Function("isLessThan", (_Q, _Q), _B, lambda left, right: _order(left, right) < 0),
    Function("compareTo", (_Q, _Q), _I, _order),
    Function("semver", (_S,), _Q, _version, is_member=False),
    Function("isSemver", (_S,), _B, _is(_version), is_member=False),
    Function("major", (_Q,), _I, _part(1)),
    Function("minor", (_Q,), _I, _part(2)),
    Function("patch", (_Q,), _I, _part(3)),
    Function("ip", (_S,), _Q, lambda text: {"ip": str(_ip(text))}, is_member=False),
    Function("ip", (_Q,), _Q, lambda value: {"ip": str(_range(value).ip)}),
    Function("isIP", (_S,), _B, _is(_ip), is_member=False),
    Function("ip.isCanonical", (_S,), _B, lambda text: str(_ip(text)) == text, is_member=False),
    Function("family", (_Q,), _I, lambda value: _address(value).version),
    Function("isUnspecified", (_Q,), _B, lambda value: _address(value).is_unspecified),
    Function("isLoopback", (_Q,), _B, lambda value: _address(value).is_loopback),
    Function("isLinkLocalUnicast", (_Q,), _B, lambda value: _address(value).is_link_local),
    Function("cidr", (_S,), _Q, lambda text: {"cidr": str(_cidr(text))}, is_member=False),
    Function("isCIDR", (_S,), _B, _is(_cidr), is_member=False),
    Function("containsIP", (_Q, _Q), _B, lambda value, other: _address(other) in _range(value).network),
    Function("containsCIDR", (_Q, _Q), _B, _contains_cidr),
    Function("masked", (_Q,), _Q, lambda value: {"cidr": str(_range(value).network)}),
    Function("prefixLength", (_Q,), _I, lambda value: _range(value).network.prefixlen),
    Function("url", (_S,), _Q, lambda text: {"url": _url(text).geturl()}, is_member=False),
    Function("isURL", (_S,), _B, _is(_url), is_member=False),
    Function("getScheme", (_Q,), _S, lambda value: _url(value["url"]).scheme),
    Function("getHost", (_Q,), _S, _host),
    Function("getHostname", (_Q,), _S, _hostname),
    Function("getPort", (_Q,), _S, lambda value: str(_url(value["url"]).port or "")),
    Function("getEscapedPath", (_Q,), _S, lambda value: _url(value["url"]).path),
    Function("getQuery", (_Q,), _Q, _query),
    Function("find", (_S, _S), _S, _find),
    Function("findAll", (_S, _S), _Q, _find_all),
    Function("findAll", (_S, _S, _I), _Q, _find_all),
    Function("isSorted", (_L,), _B, _sorted),
    Function("sum", (_L,), _Q, sum),
    Function("min", (_L,), _Q, min),
    Function("max", (_L,), _Q, max),
    Function("indexOf", (_L, _Q), _I, _index),
    Function("lastIndexOf", (_L, _Q), _I, _last_index),
    Function("sets.contains", (_L, _L), _B, lambda a, b: all(x in a for x in b), is_member=False),
    Function("sets.intersects", (_L, _L), _B, lambda a, b: any(x in a for x in b), is_member=False),
    Function(
        "sets.equivalent",
        (_L, _L),
        _B,
        lambda a, b: all(x in a for x in b) and all(x in b for x in a),
        is_member=False,
    ),
)
"""Every function with its overloads."""
