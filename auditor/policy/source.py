"""What can be said about Rego by reading it: the code without comments and texts, and what it calls."""

from __future__ import annotations

import re

FORBIDDEN_BUILTINS = ("http.send", "net.", "opa.runtime", "rego.parse_module")
"""What no rule may call: a name ending in '.' stands for all that begin with it."""

_NOISE = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*')
_CALLS = re.compile(r"(?<![\w.])(?:[a-z_]\w*\.)*[a-z_]\w*(?=\()")
_FORBIDDEN = re.compile(
    r"(?<![\w.])(http\s*\.\s*send|net\s*\.\s*\w+|opa\s*\.\s*runtime|rego\s*\.\s*parse_module)\b"
)


def code_of(text: str) -> str:
    """The text with the contents of comments and strings taken out; lines and columns stay."""
    return _NOISE.sub(lambda found: _blank(found[0]), text)


def without_comments(text: str) -> str:
    """The text with the contents of comments taken out; strings, lines and columns stay."""
    return _NOISE.sub(lambda found: _blank(found[0]) if found[0].startswith("#") else found[0], text)


def calls_in(code: str) -> list[str]:
    """The names that are called in code without texts, in order."""
    return _CALLS.findall(code)


def is_forbidden(builtin: str) -> bool:
    """True where no rule may call this built-in function."""
    return any(
        builtin.startswith(name) if name.endswith(".") else builtin == name for name in FORBIDDEN_BUILTINS
    )


def forbidden_calls(text: str) -> list[str]:
    """Built-ins that no rule may call and this source names, in order."""
    return [re.sub(r"\s", "", found) for found in _FORBIDDEN.findall(code_of(text))]


def _blank(found: str) -> str:
    if found.startswith("#"):
        return "#" + " " * (len(found) - 1)
    return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
