"""What Rego refers to: paths under `data` and `input`, and functions that no rule may call."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.policy.foreign.tokens import Token, solid
from auditor.policy.source import is_forbidden

_OTHERS_BUILTINS = frozenset(
    {"parse_config", "parse_config_file", "parse_combined_config_files", "external_data"}
)
"""Functions that conftest and Gatekeeper add to OPA."""


def paths_under(root: str, tokens: Sequence[Token]) -> list[tuple[str, ...]]:
    """Every path under `data` or `input` that is named, as far as it is static."""
    parts = solid(tokens)
    return [
        static_path(parts, number + 1)
        for number, token in enumerate(parts)
        if token.kind == "name" and token.text == root and (number == 0 or parts[number - 1].text != ".")
    ]


def static_path(parts: Sequence[Token], start: int) -> tuple[str, ...]:
    """The names of a reference from `start` on: `.a["b"].c`; a variable in brackets is '*', the end ends it."""
    path: list[str] = []
    number = start
    while number + 1 < len(parts):
        if parts[number].text == "." and parts[number + 1].kind == "name":
            path.append(parts[number + 1].text)
            number += 2
        elif parts[number].text == "[":
            depth = parts[number].depth
            end = next(
                (
                    n
                    for n in range(number + 1, len(parts))
                    if parts[n].text == "]" and parts[n].depth == depth
                ),
                None,
            )
            if end is None:
                break
            inside = parts[number + 1 : end]
            literal = len(inside) == 1 and inside[0].kind == "string"
            path.append(inside[0].text.strip('"`') if literal else "*")
            number = end + 1
        else:
            break
    return tuple(path)


def refused_calls(tokens: Sequence[Token], own: frozenset[str]) -> list[str]:
    """Functions named that may not be called, each once."""
    parts = solid(tokens)
    found: dict[str, None] = {}
    for number, token in enumerate(parts):
        if token.kind != "name" or (number and parts[number - 1].text == "."):
            continue
        if token.text in own or token.text in ("data", "input"):
            continue
        name = ".".join((token.text, *(part for part in static_path(parts, number + 1) if part != "*")))
        if is_forbidden(name) or token.text in _OTHERS_BUILTINS:
            found[name] = None
    return list(found)
