"""Bytes to Kubernetes objects, the plain way: PyYAML's events and our own small reading of scalars.

Written from what kubectl was measured to do (`tests/manifests/data/yaml-scalars.jsonl`) and from Kubernetes'
and Kustomize's documentation. It shares no line with the product and imports nothing of it.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml

LARGEST = 8 * 1024 * 1024
"""Bytes; larger files are not read."""

TRUE = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
FALSE = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
NULL = {"", "~", "null", "Null", "NULL"}
NO_JSON = {sign + word for sign in ("", "+") for word in (".inf", ".Inf", ".INF")}
NO_JSON |= {"-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"}
TAG = "tag:yaml.org,2002:"


class UnreadableError(Exception):
    """kubectl would refuse the document."""


# Scalars ------------------------------------------------------------------------------------------------------


def scalar(text: str, *, plain: bool, tag: str | None) -> Any:
    """What kubectl makes of one scalar. Infinities are given as floats: the place decides that they are errors."""
    if tag is None:
        return resolve(text) if plain else text
    if tag == TAG + "binary":
        try:
            return base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True).decode("utf-8", "replace")
        except ValueError as error:
            raise UnreadableError("no base64") from error
    if tag in (TAG + "int", TAG + "float", TAG + "bool", TAG + "null"):
        value = resolve(text)
        if tag == TAG + "float" and type(value) is int:
            value = float(value)
        wanted = {"int": int, "float": float, "bool": bool, "null": type(None)}[tag.removeprefix(TAG)]
        # `!!int 1.0` and `!!float x` are refused; a float that was written as one stays one.
        if type(value) is not wanted:
            raise UnreadableError(f"no {tag}")
        return value
    return text


def resolve(text: str) -> Any:
    """A scalar without quotes, as go-yaml reads YAML 1.1."""
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    if text in NULL:
        return None
    if text in NO_JSON:
        return math.nan if "n" in text[1:2].lower() else math.inf
    if re.fullmatch(r"\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+)?", text):
        return finite_or_text(text.replace("_", ""), text)
    if text[0] not in "+-0123456789":
        return text
    bare = text.replace("_", "")
    whole = go_integer(bare)
    if whole is not None:
        return whole
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", bare):
        return finite_or_text(bare, text)
    return text


def finite_or_text(number: str, text: str) -> float | str:
    """Numbers over the range of a float stay the text that they are."""
    value = float(number)
    return text if math.isinf(value) else value


def go_integer(text: str) -> int | None:
    """Go's ParseInt and ParseUint with base 0: 0x, 0o, 0b, and a leading 0 for octal; 64 bits."""
    sign, digits = re.fullmatch(r"([-+]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    value = None
    for pattern, base in (
        (r"0[xX]([0-9a-fA-F]+)", 16),
        (r"0[bB]([01]+)", 2),
        (r"0[oO]([0-7]+)", 8),
        (r"0([0-7]+)", 8),
        (r"(0|[1-9][0-9]{0,30})", 10),
    ):
        match = re.fullmatch(pattern, digits)
        if match:
            value = int(match[1], base)
            break
    if value is None:
        return None
    if sign == "-":
        value = -value
    largest = 2**63 - 1 if sign else 2**64 - 1
    return value if -(2**63) <= value <= largest else None


def as_json(value: Any) -> Any:
    """A resolved scalar after its trip through JSON: floats without a fraction are whole numbers."""
    if isinstance(value, float):
        if math.isinf(value) or math.isnan(value):
            raise UnreadableError("JSON has no infinity and no NaN")
        if value.is_integer():
            return int(Decimal(repr(value)))
    return value


def as_key(value: Any) -> str:
    """A resolved scalar as a mapping's key."""
    if value is None or (type(value) is int and value > 2**63 - 1):
        raise UnreadableError("no key of a mapping")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Go writes it with as few digits as a 32-bit float needs; seven are enough for what people write.
        text = f"{value:.7g}"
        return re.sub(r"e([-+])0?(\d)$", r"e\g<1>0\2", text)
    return str(value)


# YAML ---------------------------------------------------------------------------------------------------------


class Merge:
    """The key `<<`."""


def documents(content: bytes) -> list[Any]:
    """Every document that kubectl would read, in order; the others of the file are left out."""
    if len(content) > LARGEST:
        return []
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return []
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        try:
            return list(json_stream(text))
        except ValueError:
            pass  # a YAML flow mapping
    found: list[Any] = []
    for part in split(text):
        try:
            found.extend(yaml_documents(part))
        except _StoppedError as stopped:
            found.extend(stopped.before)
    return found


def hides_something(content: bytes) -> bool:
    """True where kubectl would not read all of a file that seems to be a manifest, so that nobody knows what is in it.

    What nowhere says apiVersion is no manifest, and what has a template's braces is not meant to be one yet.
    """
    if len(content) > LARGEST:
        return True
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return b"apiVersion" in content.replace(b"\0", b"")
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        try:
            list(json_stream(text))
        except ValueError:
            pass  # a YAML flow mapping
        else:
            return False
    for part in split(text):
        try:
            yaml_documents(part)
        except _StoppedError:
            if "apiVersion" in part and not re.search(r"\{\{|\{%|<%", part):
                return True
    return False


def split(text: str) -> list[str]:
    """At every line that begins with `---` and a blank or its end, whatever stands around it.

    kubectl reads line by line and ends each with a newline, the last one too: a block scalar at the end of a
    file keeps its newline where the file lacks it.
    """
    parts = [""]
    for line in text.removesuffix("\n").split("\n"):
        if re.match(r"---(?:[ \t\r]|\Z)", line):
            # Directives belong to what follows them.
            if re.search(r"^%", parts[-1], re.MULTILINE) and only_directives(parts[-1]):
                parts[-1] += line + "\n"
                continue
            parts.append("")
        parts[-1] += line + "\n"
    return parts


def only_directives(text: str) -> bool:
    """True for nothing but directives, comments and blank lines."""
    return all(
        not line.strip() or line.lstrip().startswith("#") or line[0] == "%" for line in text.split("\n")
    )


class _StoppedError(Exception):
    def __init__(self, before: list[Any]) -> None:
        super().__init__()
        self.before = before


def yaml_documents(text: str) -> list[Any]:
    """The documents of a text. Raises _StoppedError with those before the first that cannot be read."""
    found: list[Any] = []
    try:
        events = yaml.parse(text, Loader=yaml.CLoader)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                found.append(node(events, next(events), {}))
    except (yaml.YAMLError, UnreadableError, RecursionError, UnicodeError) as error:
        raise _StoppedError(found) from error
    return found


def node(events: Iterator[Any], event: Any, anchors: dict[str, tuple[str, Any]]) -> Any:
    """The value that begins with `event`. `anchors`: what an alias means, as ('scalar', resolved) or a value."""
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise UnreadableError("an alias of nothing")
        kind, value = anchors[event.anchor]
        if kind == "open":
            raise UnreadableError("a value within itself")
        return as_json(value) if kind == "scalar" else value
    if isinstance(event, yaml.ScalarEvent):
        value = resolved(event)
        if event.anchor:
            anchors[event.anchor] = ("scalar", value)
        return as_json(value)
    if event.anchor:
        anchors[event.anchor] = ("open", None)
    if isinstance(event, yaml.SequenceStartEvent):
        built: Any = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            built.append(node(events, inner, anchors))
    else:
        built = {}
        while not isinstance(inner := next(events), yaml.MappingEndEvent):
            key = key_of(inner, anchors)
            value = node(events, next(events), anchors)
            if key is Merge:
                merge(built, value)
            else:
                built[key] = value
    if event.anchor:
        anchors[event.anchor] = ("value", built)
    return built


def resolved(event: Any) -> Any:
    """An event's scalar, before JSON."""
    # implicit[0]: it was written without quotes and without a tag of any kind.
    return scalar(event.value, plain=event.implicit[0], tag=None if event.tag in (None, "!") else event.tag)


def key_of(event: Any, anchors: dict[str, tuple[str, Any]]) -> Any:
    """A mapping's key as text, or Merge."""
    if isinstance(event, yaml.AliasEvent):
        kind, value = anchors.get(event.anchor or "", ("", None))
        if kind != "scalar":
            raise UnreadableError("a key that is no scalar")
        return as_key(value)
    if not isinstance(event, yaml.ScalarEvent):
        raise UnreadableError("a key that is no scalar")
    if event.value == "<<" and (event.implicit[0] or event.tag == TAG + "merge"):
        return Merge
    value = resolved(event)
    if event.anchor:
        anchors[event.anchor] = ("scalar", value)
    return as_key(value)


def merge(built: dict[str, Any], value: Any) -> None:
    """`<<`: go-yaml takes the mappings in where it stands, of several the first one last."""
    for part in reversed(value) if isinstance(value, list) else [value]:
        if not isinstance(part, dict):
            raise UnreadableError("only mappings can be merged")
        built.update(part)


# JSON ---------------------------------------------------------------------------------------------------------


def json_stream(text: str) -> Iterator[Any]:
    """Several JSON values one behind the other. Raises ValueError where it is not JSON."""
    decoder = json.JSONDecoder(parse_int=json_number, parse_float=json_number, parse_constant=no_number)
    position = 0
    while text[position:].strip(" \t\r\n"):
        position += len(text[position:]) - len(text[position:].lstrip(" \t\r\n"))
        value, position = decoder.raw_decode(text, position)
        yield whole_characters(value)


def json_number(text: str) -> Any:
    """A JSON number by Go's rules: 64 bits, else a float."""
    if re.fullmatch(r"-?[0-9]{1,30}", text) and -(2**63) <= int(text) < 2**64:
        return int(text)
    return as_json(float(text))


def no_number(text: str) -> Any:
    raise ValueError(text)


def whole_characters(value: Any) -> Any:
    """Halves of surrogate pairs become U+FFFD, as in Go."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [whole_characters(entry) for entry in value]
    if isinstance(value, dict):
        return {whole_characters(key): whole_characters(entry) for key, entry in value.items()}
    return value


# Objects ------------------------------------------------------------------------------------------------------

KUSTOMIZE = "kustomize.config.k8s.io"


def is_typed(value: Any) -> bool:
    """True for a mapping with apiVersion and kind."""
    return isinstance(value, dict) and all(
        isinstance(value.get(field), str) and value[field] for field in ("apiVersion", "kind")
    )


def objects(content: bytes, *, named_kustomization: bool) -> list[dict[str, Any]]:
    """The Kubernetes objects of a file in order, lists taken apart."""
    found: list[dict[str, Any]] = []
    for value in documents(content):
        if not isinstance(value, dict):
            continue
        if named_kustomization and not is_typed(value):
            value = completed(value)
        if is_typed(value):
            found.extend(taken_apart(value))
    return found


def completed(value: dict[str, Any]) -> dict[str, Any]:
    """A kustomization may leave apiVersion and kind out."""
    if any(
        value.get(field) is not None and not isinstance(value[field], str) for field in ("apiVersion", "kind")
    ):
        return value
    kind = value.get("kind") or "Kustomization"
    version = f"{KUSTOMIZE}/v1alpha1" if kind == "Component" else f"{KUSTOMIZE}/v1beta1"
    return {**value, "kind": kind, "apiVersion": value.get("apiVersion") or version}


def taken_apart(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The object itself, or the objects of a list."""
    if not (value["kind"].endswith("List") and isinstance(value.get("items"), list)):
        yield value
        return
    kind = value["kind"].removesuffix("List")
    for item in value["items"]:
        if not isinstance(item, dict):
            continue
        if kind and "kind" not in item and "apiVersion" not in item:
            yield {"apiVersion": value["apiVersion"], "kind": kind, **item}
        elif is_typed(item):
            yield from taken_apart(item)


def is_kustomization(value: dict[str, Any]) -> bool:
    """True for what Kustomize reads (Flux has a kind of the same name in a group of its own)."""
    return value["kind"] in ("Kustomization", "Component") and value["apiVersion"].split("/")[0] == KUSTOMIZE
