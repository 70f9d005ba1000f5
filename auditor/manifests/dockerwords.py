"""The words of a Dockerfile's instruction: flags, variables and their values, the JSON form."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

import orjson

from auditor.manifests.dockerlines import Instruction

_MOST_CHARACTERS = 4096
"""Of a variable's value: `ARG A=$B$B` twenty times over would be a million characters."""

_VARIABLE = re.compile(
    r"\\\$|\$(?P<bare>[A-Za-z_]\w*)|\$\{(?P<name>[A-Za-z_]\w*)(?:(?P<how>:?[-+?])(?P<word>[^{}$]*))?\}"
)
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?\s+")
_PAIR = re.compile(r"[A-Za-z_][\w.-]*=")


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with variables' values in it; those without stay as `${NAME}`, and `$$` is none."""

    def value_of(match: re.Match[str]) -> str:
        name = match["bare"] or match["name"]
        if name is None:
            return match[0]
        how, word, value = match["how"] or "", match["word"] or "", known.get(name)
        given = value is not None and (value != "" or not how.startswith(":"))
        if how.endswith("-") and not given:
            return word
        if how.endswith("+"):
            return word if given else f"${{{name}}}" if value is None else ""
        return value if value is not None else f"${{{name}}}"

    if len(text) > _MOST_CHARACTERS:
        return text
    whole = _VARIABLE.sub(value_of, text)
    return whole if len(whole) <= _MOST_CHARACTERS else text


def pairs_of(instruction: Instruction) -> list[tuple[str, str | None]]:
    """`NAME=value …` of ENV, LABEL and ARG, or the older `NAME value`; None for an ARG without a value."""
    if instruction.keyword != "ARG" and not _PAIR.match(instruction.value.lstrip("\"'")):
        name, _, value = instruction.value.strip().partition(" ")
        return [(name, value.strip())]
    try:
        words = shlex.split(instruction.value)
    except ValueError:
        words = instruction.value.split()
    found: list[tuple[str, str | None]] = []
    for word in words:
        name, equals, value = word.partition("=")
        found.append((name, value if equals else None))
    return found


def flags_of(text: str) -> tuple[dict[str, str], str]:
    """`--name=value` in front, and the rest."""
    flags: dict[str, str] = {}
    rest = text.lstrip()
    while found := _FLAG.match(rest):
        flags[found[1]] = found[2] or ""
        rest = rest[found.end() :]
    return flags, rest


def json_words(text: str) -> list[str]:
    """The words of the form `["a", "b"]`; [] for any other."""
    if not text.lstrip().startswith("["):
        return []
    try:
        words = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else []
