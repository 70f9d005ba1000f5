"""YAML scalars as kubectl and Flux read them.

Both decode with `sigs.k8s.io/yaml`: YAML 1.1 resolution by go-yaml v2, then a conversion to JSON.
That differs from YAML 1.2 and from PyYAML in ways that change what a cluster gets: `y` is a boolean,
`010` is 8 and `08` is 8 too, `12:30` and dates stay strings, numbers over 64 bits become floats, a
float without a fraction prints as an integer, and infinities are errors because JSON has none.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import math
import re
import struct
from decimal import Decimal

Scalar = str | int | float | bool | None

_TAG = "tag:yaml.org,2002:"
_INT64_MIN, _INT64_MAX, _UINT64_MAX = -(2**63), 2**63 - 1, 2**64 - 1

_WORDS: dict[str, tuple[str, Scalar]] = {
    **dict.fromkeys(
        ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), ("bool", True)
    ),
    **dict.fromkeys(
        ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), ("bool", False)
    ),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), ("null", None)),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), ("float", math.nan)),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), ("float", math.inf)),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), ("float", -math.inf)),
}
_RESOLVABLE = frozenset(_TAG + name for name in ("str", "bool", "int", "float", "null", "timestamp"))
_YAML_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_DOT_FLOAT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\Z")
_INTEGER = re.compile(
    r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]([0-7]+)|0([0-7]+)|(0|[1-9][0-9]*))\Z"
)
_LATE_BINARY = re.compile(r"0b([-+]?[01]+)\Z")
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|\s)\s*(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d*)?\s*(?:Z|[-+]\d{1,2}(?::\d{2})?)?)?\Z"
)


class ScalarError(ValueError):
    """A scalar that kubectl refuses. `code` is the Problem's: 'unsupported-value' or 'null-key'."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def value_of(text: str, *, tag: str | None = None, plain: bool = True) -> Scalar:
    """The JSON value of a scalar.

    `tag` is the full tag or None; `plain` says that it was written without quotes and is not a block.
    Integers are within int64 or uint64; larger numbers are floats. Raises ScalarError where kubectl
    refuses the document.
    """
    value = _resolve(text, tag, plain=plain)
    return json_float(value) if isinstance(value, float) else value


def key_of(text: str, *, tag: str | None = None, plain: bool = True) -> str:
    """The JSON key of a scalar: resolved first, then turned into text (`yes` is "true", `010` is "8").

    Raises ScalarError for a null key and for an integer over int64, which kubectl refuses.
    """
    value = _resolve(text, tag, plain=plain)
    if isinstance(value, str):
        return value
    if value is None:
        raise ScalarError("null-key", "a key is null (empty, or ~): give it a name, or put it in quotes")
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float):
        return _float_key(value)
    if value > _INT64_MAX:
        raise ScalarError("unsupported-value", "a mapping key is an integer over 64 bits")
    return str(value)


def json_float(value: float) -> int | float:
    """A float as it arrives after a trip through JSON: an int where it prints as one and fits int64.

    Raises ScalarError for infinities and NaN.
    """
    if math.isinf(value) or math.isnan(value):
        raise ScalarError(
            "unsupported-value",
            "the value is infinite or no number (.inf, .nan), which the API server cannot take: put it in quotes",
        )
    if abs(value) < 2**63 and value.is_integer():
        # The shortest decimal that reads back as the same float, padded with zeros: what Go prints.
        whole = int(Decimal(repr(value)))
        if _INT64_MIN <= whole <= _INT64_MAX:
            return whole
    return value


def json_integer(text: str) -> int | float:
    """The value of a JSON integer literal: an int within int64 or uint64, else a float."""
    if len(text) <= 18:
        return int(text)
    if len(text) > 400:
        raise ScalarError("unsupported-value", "a number is too large for a float")
    value = int(text)
    return value if _INT64_MIN <= value <= _UINT64_MAX else json_float(float(text))


def _resolve(text: str, tag: str | None, *, plain: bool) -> Scalar:
    if tag is None:
        return _resolve_plain(text, timestamps=True)[1] if plain else text
    if tag == _TAG + "binary":
        return _decode_binary(text)
    if tag not in _RESOLVABLE or tag == _TAG + "str":
        return text
    kind, value = _resolve_plain(text, timestamps=tag == _TAG + "timestamp")
    wanted = tag[len(_TAG) :]
    if wanted == "float" and kind == "int" and isinstance(value, int) and value <= _INT64_MAX:
        return float(value)
    if kind != wanted:
        raise ScalarError("unsupported-value", f"a value tagged !!{wanted} is no {wanted}")
    return value


def _resolve_plain(text: str, *, timestamps: bool) -> tuple[str, Scalar]:
    word = _WORDS.get(text)
    if word is not None:
        return word
    first = text[0]
    if first == ".":
        return _dot_float(text)
    if first in "+-0123456789":
        return _number(text, timestamps=timestamps)
    return "str", text


def _dot_float(text: str) -> tuple[str, Scalar]:
    if _DOT_FLOAT.match(text):
        value = float(text)
        if not math.isinf(value):
            return "float", value
    return "str", text


def _number(text: str, *, timestamps: bool) -> tuple[str, Scalar]:
    if timestamps and _is_timestamp(text):
        return "timestamp", text
    digits = text.replace("_", "")
    integer = _integer(digits)
    if integer is not None:
        return "int", integer
    if _YAML_FLOAT.match(digits):
        value = float(digits)
        return ("str", text) if math.isinf(value) else ("float", value)
    late = _LATE_BINARY.match(digits)
    if late and len(late[1]) <= 65:
        value = int(late[1], 2)
        if _INT64_MIN <= value <= _INT64_MAX:
            return "int", value
    return "str", text


def _integer(digits: str) -> int | None:
    """What Go's ParseInt, then ParseUint, with base 0 make of it; None where both refuse."""
    if len(digits) > 70:
        return None
    match = _INTEGER.match(digits)
    if match is None:
        return None
    sign, hexadecimal, binary, octal, old_octal, decimal = match.groups()
    if hexadecimal:
        value = int(hexadecimal, 16)
    elif binary:
        value = int(binary, 2)
    elif octal or old_octal:
        value = int(octal or old_octal, 8)
    else:
        value = int(decimal)
    if sign == "-":
        value = -value
    most = _INT64_MAX if sign else _UINT64_MAX
    return value if _INT64_MIN <= value <= most else None


def _is_timestamp(text: str) -> bool:
    """True for what go-yaml takes as a time. Such a value stays the string that it is."""
    match = _TIMESTAMP.match(text)
    return match is not None and 1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31


def _decode_binary(text: str) -> str:
    cleaned = text.replace("\n", "").replace("\r", "")
    try:
        data = base64.b64decode(cleaned, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ScalarError("unsupported-value", "a value tagged !!binary is no base64") from error
    return data.decode("utf-8", "auditor-go-replace")


def _replace_each_byte(error: UnicodeError) -> tuple[str, int]:
    """Go writes one U+FFFD for each invalid byte, Python one for each invalid sequence."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "�" * (error.end - error.start), error.end


codecs.register_error("auditor-go-replace", _replace_each_byte)


def _float_key(value: float) -> str:
    """Go's FormatFloat(value, 'g', -1, 32), with YAML's spelling of infinities."""
    if math.isnan(value):
        return ".nan"
    try:
        single = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        single = math.copysign(math.inf, value)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    for precision in range(1, 18):
        text = f"{single:.{precision - 1}e}"
        if struct.pack("<f", float(text)) == struct.pack("<f", single):
            break
    mantissa, _, exponent = text.partition("e")
    if -4 <= int(exponent) < 6:
        return _positional(mantissa, int(exponent))
    return f"{mantissa}e{int(exponent):+03d}"


def _positional(mantissa: str, exponent: int) -> str:
    text = format(Decimal(mantissa).scaleb(exponent), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
