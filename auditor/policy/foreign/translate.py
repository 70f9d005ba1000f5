"""Somebody else's Rego made part of our library: the packages get a prefix, Rego v0 becomes v1.

Both engines read v1 only, and rego-cpp takes v0's `deny[msg] { … }` without a word for something else. So heads are
rewritten here (`deny contains msg if { … }`), bodies stay as they are. What v1 does not know any more (`any`, `all`,
`re_match` and the like) is called from `COMPAT_MODULE`. Whatever comes out is still compiled, and what does not
compile is a named error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.errors import PolicyError
from auditor.policy.foreign.references import paths_under, refused_calls
from auditor.policy.foreign.tokens import Token, is_value_brace, joined, solid, statements, tokens_of

_COMPAT_ALIAS = "rego_v0"

COMPAT_MODULE = """\
package foreign.compat

v0_any(values) := count([1 | some value in values; value == true]) > 0

v0_all(values) := count([1 | some value in values; value != true]) == 0

v0_set_diff(left, right) := left - right

v0_cast_array(values) := [value | some value in values]
"""
"""What Rego v1 dropped, for policies that were written before."""

_COMPAT = {
    "any": f"{_COMPAT_ALIAS}.v0_any",
    "all": f"{_COMPAT_ALIAS}.v0_all",
    "set_diff": f"{_COMPAT_ALIAS}.v0_set_diff",
    "cast_array": f"{_COMPAT_ALIAS}.v0_cast_array",
    "re_match": "regex.match",
}

_V1_WORDS = frozenset({"contains", "if", "in", "every"})
_DROPPED_IMPORTS = ("future.keywords", "rego.v1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """A rule's head: `form` is 'set', 'function' or 'value'; `ambiguous` for `p[x] if …`, a map that looks like a set."""

    name: str
    form: str
    line: int
    ambiguous: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Translated:
    """One module. `package`, `reads` (what it refers to under `data`) and `inputs` (under `input`) are paths as they were written.

    `refused` are functions that no rule may call, or that only the program it was written for has.
    """

    path: str
    package: tuple[str, ...]
    text: str
    heads: tuple[Head, ...]
    reads: frozenset[tuple[str, ...]]
    refused: tuple[str, ...]
    inputs: frozenset[tuple[str, ...]]


def translate(text: str, path: str, prefix: str, *, moved: Sequence[tuple[str, str]] = ()) -> Translated:
    """The module with `prefix` ("foreign.g0") before its package and before all that it reads under `data`.

    `moved` are names directly under `data` that stand elsewhere: ("inventory", "input.inventory"). PolicyError
    where there is no package.
    """
    package: tuple[str, ...] | None = None
    heads: list[Head] = []
    written: list[str] = []
    seen_imports: set[str] = set()
    whole = tokens_of(text)
    own = _own_names(whole)
    for statement in statements(whole):
        parts = solid(statement)
        word = parts[0].text
        if word in ("package", "import") and len(parts) < 2:
            raise PolicyError(f"{path}:{parts[0].line}: {word} of nothing", hint="the file is cut off there")
        if word == "package":
            package = _path(parts[1:])
            written.append(f"package {prefix}." + joined(_from(statement, parts[1])).lstrip())
            continue
        if word == "import":
            name = "".join(token.text for token in parts[1:4])
            line = joined(parts[1:2]) + joined(_from(statement, parts[1])[1:])
            if name.startswith(_DROPPED_IMPORTS) or line.strip() in seen_imports:
                continue
            seen_imports.add(line.strip())
        elif word != "default":
            head, statement = _as_v1(statement)
            heads.append(head)
        written.append(joined(_rewritten(statement, prefix, dict(moved), own)))
    if any(f"{_COMPAT_ALIAS}." in part for part in written[1:]):
        written.insert(1, f"import data.foreign.compat as {_COMPAT_ALIAS}\n")
    if package is None:
        raise PolicyError(f"{path}: no package line", hint="a Rego file's first statement is its package")
    return Translated(
        path=path,
        package=package,
        text="\n".join(part.strip("\n") for part in written) + "\n",
        heads=tuple(heads),
        reads=frozenset(paths_under("data", whole)),
        refused=tuple(refused_calls(whole, own)),
        inputs=frozenset(paths_under("input", whole)),
    )


def _as_v1(statement: list[Token]) -> tuple[Head, list[Token]]:
    """The rule with its head in v1's form, and what the head says."""
    parts = solid(statement)
    head = _head_of(parts)
    out: list[Token] = []
    last: Token | None = None
    awaiting, seen_if, is_v1 = (
        True,
        False,
        any(token.text in ("if", "contains") and token.depth == 0 for token in parts[1:]),
    )
    key = _set_key(parts) if head.form == "set" and not is_v1 else None
    for token in statement:
        if token.kind in ("space", "newline", "comment"):
            out.append(token if token.kind != "comment" else Token("space", "", token.depth, token.line))
            continue
        if token.depth == 0:
            if token.text == "if":
                seen_if = True
            elif token.text == "else":
                awaiting, seen_if = True, False
            elif token.text == "{" and not seen_if and awaiting and not is_value_brace(last):
                out.append(Token("name", " if ", 0, token.line))
                awaiting = False
            elif token.text == "{" and not awaiting and last is not None and last.text == "}" and not is_v1:
                # Rego v0 lets a rule have several bodies: they are rules of the same head.
                out.extend(
                    [
                        Token("space", "\n", 0, token.line),
                        *_head_tokens(parts, key),
                        Token("name", " if ", 0, token.line),
                    ]
                )
        if key is not None and token is key[0]:
            out.append(Token("name", " contains ", 0, token.line))
        elif key is not None and token is key[1]:
            pass
        else:
            out.append(token)
        last = token
    return head, out


def _head_tokens(parts: list[Token], key: tuple[Token, Token] | None) -> list[Token]:
    """A v0 rule's head in v1's form, up to its first body."""
    out: list[Token] = []
    last: Token | None = None
    for token in parts:
        if token.depth == 0 and token.text == "{" and not is_value_brace(last):
            break
        last = token
        if key is not None and token is key[0]:
            out.append(Token("name", " contains ", 0, token.line))
        elif key is None or token is not key[1]:
            out.append(
                Token(token.kind, token.text + (" " if token.kind == "name" else ""), token.depth, token.line)
            )
    return out


def _head_of(parts: list[Token]) -> Head:
    name, rest = parts[0], parts[1:]
    if rest and rest[0].text == "(":
        return Head(name=name.text, form="function", line=name.line)
    at_top = [token.text for token in rest if token.depth == 0]
    before = _until(at_top, ("if", "{", "else", "=", ":="))
    if "contains" in before:
        return Head(name=name.text, form="set", line=name.line)
    stopped = at_top[len(before)] if len(before) < len(at_top) else ""
    dotted = "".join(
        _until([token.text for token in rest if token.kind != "string"], ("[", "if", "{", "=", ":="))
    )
    full = name.text + (dotted if dotted.startswith(".") else "")
    if stopped in ("=", ":=") or "(" in before:
        return Head(name=full, form="function" if "(" in before else "value", line=name.line)
    if before and before[-1] == "]":
        return Head(name=full, form="set", line=name.line, ambiguous=stopped == "if")
    return Head(name=full, form="value", line=name.line)


def _set_key(parts: list[Token]) -> tuple[Token, Token] | None:
    """The brackets around a v0 set's element: the last ones before the body."""
    opening = closing = None
    for token in parts[1:]:
        if token.depth == 0 and token.text == "{":
            break
        if token.depth == 0 and token.text == "[":
            opening = token
        elif token.depth == 0 and token.text == "]":
            closing = token
    return (opening, closing) if opening is not None and closing is not None else None


def _until(texts: list[str], stops: tuple[str, ...]) -> list[str]:
    for number, text in enumerate(texts):
        if text in stops:
            return texts[:number]
    return texts


def _rewritten(
    statement: Sequence[Token], prefix: str, moved: dict[str, str], own: frozenset[str]
) -> list[Token]:
    """The tokens with `data` led to where it is now, comments left out."""
    out: list[Token] = []
    last: Token | None = None
    skip: set[int] = set()
    for number, token in enumerate(statement):
        if number in skip:
            continue
        if token.kind == "comment":
            continue
        text = token.text
        free = token.kind == "name" and (last is None or last.text != ".")
        if free and text == "data":
            following = [
                n
                for n in range(number + 1, len(statement))
                if statement[n].kind not in ("space", "newline", "comment")
            ][:3]
            target, used = _moved(statement, following, moved)
            text = target or f"data.{prefix}"
            skip.update(used)
        elif free and _called(statement, number):
            if text in _V1_WORDS and text in own:
                text = f"{text}_v0"
            elif text not in own:
                text = _COMPAT.get(text, text)
        if token.kind not in ("space", "newline"):
            last = token
        out.append(Token(token.kind, text, token.depth, token.line))
    return out


def _moved(
    statement: Sequence[Token], following: Sequence[int], moved: dict[str, str]
) -> tuple[str, Sequence[int]]:
    texts = [statement[n].text for n in following]
    if len(texts) >= 2 and texts[0] == "." and texts[1] in moved:
        return moved[texts[1]], range(following[0], following[1] + 1)
    if len(texts) == 3 and texts[0] == "[" and texts[2] == "]" and texts[1].strip('"`') in moved:
        return moved[texts[1].strip('"`')], range(following[0], following[2] + 1)
    return "", ()


def _called(statement: Sequence[Token], number: int) -> bool:
    return number + 1 < len(statement) and statement[number + 1].text == "("


def _own_names(tokens: Sequence[Token]) -> frozenset[str]:
    """The names of the module's own rules and functions."""
    return frozenset(solid(statement)[0].text for statement in statements(tokens))


def _path(parts: Sequence[Token]) -> tuple[str, ...]:
    return tuple(token.text.strip('"`') for token in parts if token.kind in ("name", "string"))


def _from(statement: list[Token], first: Token) -> list[Token]:
    """The statement from a token on, without comments."""
    start = next(number for number, token in enumerate(statement) if token is first)
    return [token for token in statement[start:] if token.kind != "comment"]
