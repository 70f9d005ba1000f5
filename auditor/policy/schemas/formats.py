"""The string formats that an API server checks in custom resources; others it ignores.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation and
the `format` field of JSONSchemaProps, which lists them. Numbers' formats are bounds, and not here.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date

_GO_DURATION = re.compile(r"[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)", re.ASCII)
_SCALA_DURATION = re.compile(r"(?<!\d)\d+\s*([A-Za-zµ]+)", re.ASCII)  # from where digits begin: linear
_EXACT_UNITS = {
    "ns",
    "nano",
    "us",
    "µs",
    "micro",
    "ms",
    "milli",
    "s",
    "sec",
    "m",
    "min",
    "h",
    "hr",
    "d",
    "w",
    "wk",
}
_UNIT_BEGINNINGS = ("nano", "micro", "milli", "sec", "min", "hour", "day", "week")
_DATE_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
_HOSTNAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_EMAIL = re.compile(r"(?:[^<>@]*<)?[^\s<>@,;:\"()\[\]\\]+@[^\s<>@,;:\"()\\]+>?")
_URI = re.compile(r"(?:/|[A-Za-z][A-Za-z0-9+.-]*:)[^\x00-\x1f\x7f]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MAC = re.compile(
    r"(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}"
    r"|(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\2){6}[0-9A-Fa-f]{2}"
    r"|(?:[0-9A-Fa-f]{4}\.){2,3}[0-9A-Fa-f]{4}"
)
_HEX = "[0-9A-Fa-f]"


def _uuid(version: str, variant: str = _HEX) -> Callable[[str], bool]:
    return _matches(rf"{_HEX}{{8}}-?{_HEX}{{4}}-?{version}{_HEX}{{3}}-?{variant}{_HEX}{{3}}-?{_HEX}{{12}}")


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _is_duration(text: str) -> bool:
    """As Go's time.ParseDuration, or with the units that the API server takes besides."""
    if _GO_DURATION.fullmatch(text):
        return True
    units = (match[1].lower() for match in _SCALA_DURATION.finditer(text))
    return any(unit in _EXACT_UNITS or unit.startswith(_UNIT_BEGINNINGS) for unit in units)


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return year == "0000"
    return True


def _is_date(text: str) -> bool:
    match = _DATE.fullmatch(text)
    return match is not None and _is_day(*match.groups())


def _is_date_time(text: str) -> bool:
    match = _DATE_TIME.fullmatch(text)
    return match is not None and _is_day(*match.groups())


def _is_uri(text: str) -> bool:
    """As Go's url.ParseRequestURI: an absolute URI or an absolute path."""
    authority = text.partition("://")[2].partition("/")[0]
    return (
        _URI.fullmatch(text) is not None
        and not _BAD_ESCAPE.search(text.partition("?")[0])
        and " " not in authority
    )


def _is_address(version: int) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return address.version == version and "%" not in text

    return check


def _is_cidr(text: str) -> bool:
    """As Go's net.ParseCIDR: bits of the host may be set, the length is a number."""
    address, slash, length = text.partition("/")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (
        slash == "/"
        and re.fullmatch(r"\d{1,3}", length, re.ASCII) is not None
        and int(length) <= parsed.max_prefixlen
    )


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_isbn10(text: str) -> bool:
    digits = text.replace("-", "").replace(" ", "")
    if not re.fullmatch(r"\d{9}[\dX]", digits, re.ASCII):
        return False
    return sum((10 - n) * (10 if one == "X" else int(one)) for n, one in enumerate(digits)) % 11 == 0


def _is_isbn13(text: str) -> bool:
    digits = text.replace("-", "").replace(" ", "")
    return bool(re.fullmatch(r"\d{13}", digits, re.ASCII)) and (
        sum(int(one) * (3 if n % 2 else 1) for n, one in enumerate(digits)) % 10 == 0
    )


def _is_hostname(text: str) -> bool:
    return len(text) <= 255 and _HOSTNAME.fullmatch(text) is not None


_CARD = re.compile(
    r"(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|(?:2131|1800|35\d{3})\d{11})",
    re.ASCII,
)

_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "bsonobjectid": _matches(rf"{_HEX}{{24}}"),
    "byte": _is_base64,
    "cidr": _is_cidr,
    "creditcard": lambda text: _CARD.fullmatch(re.sub(r"\D", "", text)) is not None,
    "date": _is_date,
    "date-time": _is_date_time,
    "datetime": _is_date_time,
    "duration": _is_duration,
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "hexcolor": _matches(r"#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "hostname": _is_hostname,
    "ipv4": _is_address(4),
    "ipv6": _is_address(6),
    "isbn": lambda text: _is_isbn10(text) or _is_isbn13(text),
    "isbn10": _is_isbn10,
    "isbn13": _is_isbn13,
    "mac": lambda text: _MAC.fullmatch(text) is not None,
    "rgbcolor": _matches(
        r"rgb\(\s*(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])(?:\s*,\s*(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])){2}\s*\)"
    ),
    "ssn": _matches(r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    "uri": _is_uri,
    "uuid": _uuid(_HEX),
    "uuid3": _uuid("3"),
    "uuid4": _uuid("4", "[89abAB]"),
    "uuid5": _uuid("5", "[89abAB]"),
}

_LONGEST = 4096


def _bounded(name: str, check: Callable[[str], bool]) -> Callable[[str], bool]:
    """Only base64 may be long; nothing else is worth reading a megabyte for."""
    return check if name == "byte" else lambda text: len(text) <= _LONGEST and check(text)


FORMATS: Mapping[str, Callable[[str], bool]] = {
    name: _bounded(name, check) for name, check in _CHECKS.items()
}
"""Format → whether a text has it. `password` is any text."""
