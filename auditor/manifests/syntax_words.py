"""What is wrong in a YAML text, in words for whoever wrote it, and where it begins.

libyaml says which token it did not expect, and where it noticed. That is kept in brackets, so that it can be looked
up; before it stands what that means for the file. A conflict that was never resolved is told as such.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)
"""Git's marks of a merge conflict; the `=======` between them may be a text's underline."""

_SHOWN = 60
"""Characters of a line that are quoted at most."""

_BEGINNING_TELLS = ("while scanning a quoted scalar", "while scanning a simple key")
"""What is best seen where it begins: that it has no end may be noticed at the end of the file."""

_WORDS: Mapping[str, str] = {
    "block sequence entries are not allowed in this context": (
        "a list entry '- ' stands where none can: a list begins on a line of its own under its key"
    ),
    "could not find expected ':'": "this line is neither 'key: value' nor the rest of a text above it",
    "did not find expected '-' indicator": (
        "this line stands among list entries but does not begin with '- ': its indentation is wrong, or the '- ' is missing"
    ),
    "did not find expected ',' or ']'": "a list that '[' opens is not closed by ']', or a comma is missing in it",
    "did not find expected ',' or '}'": "a mapping that '{' opens is not closed by '}', or a comma is missing in it",
    "did not find expected <document start>": "this does not belong to the document above it, which has ended",
    "did not find expected alphabetic or numeric character": (
        "a value cannot begin with '*' or '&', which mean an alias and an anchor: put it in quotes"
    ),
    "did not find expected comment or line break": "after '|' or '>' the text begins on the next line",
    "did not find expected hexdecimal number": "after \\x and \\u in double quotes hexadecimal digits must follow",
    "did not find expected key": (
        "this is not indented like the keys around it, or something stands after the end of a value"
    ),
    "did not find expected node content": "a value is missing, or begins with a character that must be quoted",
    "found a tab character that violates indentation": "a tab indents this line: YAML takes only spaces",
    "found undefined tag handle": "a tag '!…!' begins with a name that nothing declares: put the value in quotes",
    "found unexpected document indicator": "the quoted text that begins here is not closed before '---'",
    "found unexpected end of stream": "the quoted text that begins here is never closed",
    "found unknown escape character": (
        "a backslash in double quotes is followed by what it cannot escape: double it, or use single quotes"
    ),
    "mapping keys are not allowed in this context": "a '? ' stands where no key can",
    "mapping values are not allowed in this context": (
        "a ': ' stands where no key can end: the line is indented too far, or its value must be quoted"
    ),
}

_TAB = "a tab stands where only spaces may, or where a value begins: YAML indents with spaces"


def syntax_error(error: yaml.MarkedYAMLError, text: str) -> tuple[str, int, int]:
    """What is wrong in `text`, and its line and column, 1-based."""
    conflict = _CONFLICT.search(text)
    problem = error.problem or error.context or "not YAML"
    mark = error.problem_mark or error.context_mark
    if error.context in _BEGINNING_TELLS and error.context_mark:
        mark = error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if conflict is not None:
        line, column = text.count("\n", 0, conflict.start()) + 1, 1
        return f"a merge conflict was left in the file: {conflict[0].strip()} marks it", line, column
    return f"{_meaning(problem, text, line, column)} ({_cut(problem)})", line, column


def _meaning(problem: str, text: str, line: int, column: int) -> str:
    if problem != "found character that cannot start any token":
        return _WORDS.get(problem, "this cannot be read as YAML")
    lines = text.splitlines()
    here = lines[line - 1][column - 1 : column] if line <= len(lines) else ""
    if here == "\t":
        return _TAB
    return f"a value cannot begin with {here!r}: put it in quotes" if here.isprintable() and here else _TAB


def _cut(problem: str) -> str:
    return problem if len(problem) <= _SHOWN else f"{problem[:_SHOWN]}…"
