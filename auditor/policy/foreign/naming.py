"""Functions get names that no other package has.

rego-cpp 1.5 corrupts its memory where functions of two packages have one name and take different numbers of arguments
(it then crashes, or gives wrong answers), and helpers called `is_exempt` or `contains` are in everybody's policies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from auditor.policy.foreign.tokens import Token, joined, solid, statements, tokens_of
from auditor.policy.foreign.translate import Translated

_Path = tuple[str, ...]


def named_apart(modules: Iterable[Translated], prefix: str) -> list[Translated]:
    """The modules of one prefix with their functions, and all calls of them, renamed by package."""
    listed = list(modules)
    parsed = [tokens_of(module.text) for module in listed]
    functions: dict[_Path, set[str]] = {}
    for module, tokens in zip(listed, parsed, strict=True):
        found = functions.setdefault((*prefix.split("."), *module.package), set())
        found.update(
            parts[0].text
            for statement in statements(tokens)
            # `f() = x` is a value, and may be named without brackets.
            if len(parts := solid(statement)) > 2 and parts[1].text == "(" and parts[2].text != ")"
        )
    return [
        replace(module, text=_renamed(tokens, (*prefix.split("."), *module.package), functions))
        for module, tokens in zip(listed, parsed, strict=True)
    ]


def _renamed(tokens: list[Token], package: _Path, functions: Mapping[_Path, set[str]]) -> str:
    parts = solid(tokens)
    aliases = _aliases(tokens)
    for number, token in enumerate(parts[:-1]):
        if token.kind != "name" or parts[number + 1].text != "(":
            continue
        chain = _chain(parts, number)
        place = package if len(chain) == 1 else _place(chain, aliases)
        if token.text in functions.get(place, ()):
            token.text = _named(token.text, place)
    for statement in statements(tokens):
        _rename_import(solid(statement), functions)
    return joined(tokens)


def _rename_import(parts: Sequence[Token], functions: Mapping[_Path, set[str]]) -> None:
    """A function that is imported by itself keeps the name by which it is called."""
    if parts[0].text != "import" or len(parts) < 2 or parts[1].text != "data":
        return
    path = [token for token in parts[2:] if token.kind in ("name", "string")]
    alias = len(path) >= 2 and path[-2].text == "as"
    path = path[:-2] if alias else path
    place = tuple(token.text.strip('"`') for token in path[:-1])
    name = path[-1].text if path else ""
    if name in functions.get(place, ()):
        path[-1].text = _named(name, place) + ("" if alias else f" as {name}")


def _named(name: str, place: _Path) -> str:
    return f"{name}__{hashlib.sha256('.'.join(place).encode()).hexdigest()[:8]}"


def _place(chain: Sequence[str], aliases: Mapping[str, _Path]) -> _Path:
    """The package that a dotted call leads to."""
    if chain[0] == "data":
        return tuple(chain[1:-1])
    return (*aliases.get(chain[0], ("",)), *chain[1:-1])


def _chain(parts: Sequence[Token], number: int) -> list[str]:
    """The dotted names that end with this one."""
    names = [parts[number].text]
    while number >= 2 and parts[number - 1].text == "." and parts[number - 2].kind == "name":
        number -= 2
        names.insert(0, parts[number].text)
    return names


def _aliases(tokens: Sequence[Token]) -> dict[str, _Path]:
    """What imports of `data` are called, and the paths that they stand for."""
    found: dict[str, _Path] = {}
    for statement in statements(tokens):
        parts = solid(statement)
        if parts[0].text != "import" or len(parts) < 2 or parts[1].text != "data":
            continue
        names = [token.text.strip('"`') for token in parts[2:] if token.kind in ("name", "string")]
        if len(names) >= 2 and names[-2] == "as":
            found[names[-1]] = tuple(names[:-2])
        elif names:
            found[names[-1]] = tuple(names)
    return found
