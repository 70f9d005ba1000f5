"""How Go prints values: `%v` and the verbs of printf (Go 1.26, fmt). Bounded, whatever the values are."""

from __future__ import annotations

import math
import re
from typing import Any

from auditor.manifests.gotemplate.errors import TemplateError
from auditor.manifests.gotemplate.lexing import quoted

MAX_TEXT = 1024 * 1024
MAX_NODES = 100_000
MAX_DEPTH = 100
MAX_WIDTH = 10_000
_SHORTEST_EXPONENT = 6
_VERB = re.compile(r"%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(.)|%\Z", re.DOTALL)


def weighed(value: Any) -> Any:
    """The value, if writing it out is bounded: parts that are shared count each time. Raises TemplateError."""
    left = MAX_NODES
    pending: list[tuple[Any, int]] = [(value, 0)]
    while pending:
        entry, depth = pending.pop()
        left -= 1 + (len(entry) // 64 if isinstance(entry, str) else 0)
        if left < 0 or depth > MAX_DEPTH:
            raise TemplateError("a value is too large")
        if isinstance(entry, dict):
            pending += [(inner, depth + 1) for inner in entry.values()]
        elif isinstance(entry, list):
            pending += [(inner, depth + 1) for inner in entry]
    return value


def printed(value: Any) -> str:
    """The value as a template writes it: nothing is `<no value>`."""
    return "<no value>" if value is None else as_text(weighed(value))


def as_text(value: Any) -> str:
    """The value as `%v` writes it."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, list):
        return f"[{' '.join(map(as_text, value))}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{as_text(value[key])}' for key in sorted(value))}]"
    return str(value)


def float_text(value: float) -> str:
    """A float as `%v` writes it: the shortest digits, with an exponent below -4 and from 6 on."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    mantissa, _, exponent = f"{value!r}".partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, rest = mantissa.lstrip("-").partition(".")
    digits = (whole + ("" if rest == "0" else rest)).lstrip("0")
    power = (len(whole) - 1 if whole != "0" else -(len(rest) - len(rest.lstrip("0"))) - 1) + int(
        exponent or 0
    )
    digits = digits.rstrip("0") or "0"
    if -4 <= power < _SHORTEST_EXPONENT:
        if power < 0:
            return f"{sign}0.{'0' * (-power - 1)}{digits}"
        padded = digits.ljust(power + 1, "0")
        after = padded[power + 1 :]
        return f"{sign}{padded[: power + 1]}{'.' + after if after else ''}"
    after = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{after}e{'-' if power < 0 else '+'}{abs(power):02d}"


def type_name(value: Any) -> str:
    """The value's type as Go names it, for values that JSON, YAML and templates give."""
    names = {bool: "bool", int: "int", float: "float64", str: "string", list: "[]interface {}"}
    if value is None:
        return "<nil>"
    return names.get(type(value), "map[string]interface {}")


def kind_name(value: Any) -> str:
    """The value's kind as Go's reflect names it."""
    names = {bool: "bool", int: "int", float: "float64", str: "string", list: "slice"}
    return "invalid" if value is None else names.get(type(value), "map")


def printf(form: str, arguments: list[Any]) -> str:
    """As fmt.Sprintf. Raises TemplateError for a width that is too large."""
    weighed(arguments)
    left = list(arguments)

    def fill(match: re.Match[str]) -> str:
        if match[4] is None:
            return "%!(NOVERB)"
        if match[4] == "%":
            return "%"
        width, precision = _size(match[2], left), _size(match[3], left)
        if not left:
            return f"%!{match[4]}(MISSING)"
        has_point = "." in match[0][:-1]
        return _formatted(
            match[4],
            match[1],
            width,
            precision if precision is not None else 0 if has_point else None,
            left.pop(0),
        )

    text = _VERB.sub(fill, form)
    if left:
        text += "%!(EXTRA " + ", ".join(f"{type_name(entry)}={as_text(entry)}" for entry in left) + ")"
    return text


def _size(written: str | None, left: list[Any]) -> int | None:
    if written is None:
        return None
    size = left.pop(0) if written == "*" and left else written
    try:
        number = int(size)
    except (TypeError, ValueError):
        return None
    if abs(number) > MAX_WIDTH:
        raise TemplateError("a printed value is too wide")
    return number


def _formatted(verb: str, flags: str, width: int | None, precision: int | None, value: Any) -> str:
    body = _body(verb, flags, precision, value)
    if body is None:
        body = f"%!{verb}({'<nil>' if value is None else f'{type_name(value)}={as_text(value)}'})"
    if width is None:
        return body
    if "-" in flags:
        return body.ljust(abs(width))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if "0" in flags and is_number:
        sign = body[0] if body[:1] in ("-", "+") else ""
        return sign + body[len(sign) :].rjust(width - len(sign), "0")
    return body.rjust(width)


def _body(verb: str, flags: str, precision: int | None, value: Any) -> str | None:
    """The value as the verb writes it; None where the verb is not for its type."""
    plus = "+" if "+" in flags else ""
    if verb == "v":
        return as_text(value)
    if verb == "T":
        return type_name(value)
    if isinstance(value, bool):
        return as_text(value) if verb == "t" else None
    if isinstance(value, int):
        sign = plus if value >= 0 else ""
        if verb in "dxXob":
            return f"{sign}{value:{verb}}"
        return {"c": lambda: chr(value), "q": lambda: f"'{chr(value)}'", "U": lambda: f"U+{value:04X}"}.get(
            verb, lambda: None
        )()
    if isinstance(value, float):
        if verb in "fFeE":
            return f"{value:{plus}.{6 if precision is None else precision}{verb}}"
        if verb in "gG":
            return float_text(value) if precision is None else f"{value:{plus}.{precision}{verb}}"
        return None
    if isinstance(value, str):
        text = value if precision is None else value[:precision]
        if verb in "xX":
            return text.encode().hex() if verb == "x" else text.encode().hex().upper()
        return {"s": text, "q": quoted(text)}.get(verb)
    if value is None:
        return None
    if isinstance(value, list):
        parts = [_formatted(verb, flags, None, precision, entry) for entry in value]
        return f"[{' '.join(parts)}]"
    return as_text(value) if verb in "sv" else None
