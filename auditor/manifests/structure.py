"""A YAML text read line by line, as far as it is plain block style: what is structure and what is content.

What stands in comments, block scalars, quotes and plain text means the same to every parser; what is left is
looked at more closely. A text with any line that is not understood is not judged here at all.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

_SEPARATOR = re.compile(r"---(?: +#.*| *)\Z")
_NOTHING = re.compile(r" *(?:#.*)?\Z")
_END = r"(?:(?<= )#.*| +#.*| *)\Z"
_DOUBLE = r"(?:[^\"\\]|\\[^uUxNLP_0])*"
_LINE = re.compile(
    r"(?P<dashes> *(?:- +)*)"
    r"(?:(?P<key>[A-Za-z0-9_.](?:[A-Za-z0-9_./-]*)|\"[^\"\\]*\"|'[^']*') *:(?: +|\Z))?"
    r"(?P<anchor>&[A-Za-z0-9_-]+(?: +|\Z))?"
    r"(?:(?P<block>[|>][-+]?)"
    rf"|\"(?P<double>{_DOUBLE})\"|'(?P<single>(?:[^']|'')*)'"
    r"|(?P<alias>\*[A-Za-z0-9_-]+)"
    r"|(?P<plain>(?:[A-Za-z0-9_/.$(+~^;\\]|-(?=[^ ]))(?:[^ :]|:(?=[^ ])| +(?=[^ #]))*)"
    rf"|(?P<open_double>\"{_DOUBLE}\Z)|(?P<open_single>'(?:[^']|'')*\Z)"
    r"|(?P<flow>[\[{].*\Z)"
    rf")?{_END}"
)
_PLAIN_GOES_ON = re.compile(
    r" +(?:[A-Za-z0-9_/.$(+~^;\\\"'{\[`<=]|-(?=[^ ]))(?:[^ :]|:(?=[^ ])| +(?=[^ #]))*(?: +#.*| *)\Z"
)
_QUOTE_GOES_ON = {
    "open_double": (re.compile(rf"{_DOUBLE}\Z"), re.compile(rf"{_DOUBLE}\"{_END}")),
    "open_single": (re.compile(r"(?:[^']|'')*\Z"), re.compile(rf"(?:[^']|'')*'{_END}")),
}
_FLOW = re.compile(
    r"(?:[^\[\]{}\"'#]|(?<=[ \[{,])(?:\"(?:[^\"\\]|\\[^uUxNLP_0])*\"|'[^']*')|(?<=[^ ])#|[\[\]{}])*"
)
_FLOW_TOKEN = re.compile(r"(?<=[ \[{,])(?:\"(?:[^\"\\]|\\[^uUxNLP_0])*\"|'[^']*')|[\[\]{}]")
_FLOW_ENDS = re.compile(r"(?: +#.*| *)\Z")
_CONTENT = frozenset({"plain", "double", "single"})
_OPEN = frozenset({"key", "anchor", "dashes"})


@dataclass(slots=True)
class Structure:
    """What a look at the text found.

    `text` is the file's without what is known to be content; `joined` is the file's with each flow collection
    on one line. `plain` and `quoted` count the scalars in block style that are whole on their line, keys apart.
    """

    text: str
    joined: str
    plain: Counter[str]
    quoted: Counter[str]


def structure_of(text: str) -> Structure | None:
    """The text without its content; None where it is not all in plain block style."""
    reader = _Reader()
    try:
        reader.read(text.split("\n"))
    except _NotPlainError:
        return None
    joined = "".join(reader.joined)[1:] if reader.has_long_flows else text
    return Structure("\n".join(reader.kept), joined, reader.plain, reader.quoted)


class _NotPlainError(ValueError):
    """A line that is not understood."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of plain block style: the columns of what stands first and of its key or last dash, the kind of
    value, the line without its value where that is content, and the value."""

    first: int
    own: int
    kind: str
    structure: str
    content: str


@lru_cache(maxsize=4096)
def _line(line: str) -> _Line | None:
    match = _LINE.match(line)
    dashes = match["dashes"] if match else ""
    has_dash = "-" in dashes
    if match is None or not (has_dash or match["key"] is not None):
        return None
    kind = match.lastgroup or "dashes"
    is_content = kind in _CONTENT or kind.startswith("open_")
    return _Line(
        first=dashes.index("-") if has_dash else len(dashes),
        own=len(dashes) if match["key"] is not None else dashes.rindex("-"),
        kind=kind,
        structure=line[: match.start(kind)]
        if is_content or kind == "flow"
        else line[: match.end(kind)] + (":" if kind == "key" else ""),
        content=match[kind].rstrip(" ") if is_content or kind == "flow" else "",
    )


class _Reader:
    """Reads a text line by line.

    `state` is the kind of the value that was read last. A value that ended on its line may not go on: what
    follows stands no further right than the key or dash that it belongs to, at `parent`, and has a key or dash
    of its own.
    """

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.joined: list[str] = []
        self.plain: Counter[str] = Counter()
        self.quoted: Counter[str] = Counter()
        self.last = ""
        self.has_long_flows = False
        self.state = "key"
        self.parent = -1
        self.body = -1
        self.depth = 0
        self.goes_on = False

    def read(self, lines: list[str]) -> None:
        """All lines. Raises _NotPlainError."""
        joined = self.joined
        for line in lines:
            state = self.state
            if state == "flow":
                if not _NOTHING.match(line):
                    self._long_flow(line)
                continue
            joined.append("\n" + line)
            indent = len(line) - len(line.lstrip(" "))
            if state == "block":
                # Its lines are by far the most that are not structure.
                if indent == len(line):
                    if self.body < 0 < indent:
                        raise _NotPlainError
                    continue
                if self.body < 0 and indent > self.parent:
                    self.body = indent
                if 0 <= self.body <= indent:
                    continue
                if indent > self.parent:
                    raise _NotPlainError
                self.state = "ended"
            if state in _QUOTE_GOES_ON:
                self._quote(line)
            elif indent == len(line) or line[indent] == "#":
                if state == "plain":
                    # A comment ends it; whether it may go on after a blank line is not looked at.
                    self.state = "ended"
            elif line.startswith("---") and _SEPARATOR.match(line):
                self.state = "key"
                self.kept.append("---")
            elif indent <= self.parent or state in _OPEN:
                self._structural(line)
            elif state == "plain" and _PLAIN_GOES_ON.match(line):
                self._plain_goes_on(line)
            else:
                raise _NotPlainError
        if self.state == "flow" or self.state in _QUOTE_GOES_ON:
            raise _NotPlainError

    def _structural(self, line: str) -> None:
        known = _line(line)
        if known is None:
            raise _NotPlainError
        self.parent = known.own
        kind = self.state = known.kind
        self.kept.append(known.structure)
        if kind == "plain":
            self.last = known.content
            self.plain[known.content] += 1
        elif kind == "block":
            self.body = -1
        elif kind == "flow":
            self.depth, self.goes_on = 0, False
            self._flow(known.content)
        elif kind in _CONTENT:
            self.quoted[known.content] += 1

    def _plain_goes_on(self, line: str) -> None:
        if self.last:
            self.plain[self.last] -= 1
            self.last = ""
        if " #" in line:
            self.state = "ended"

    def _quote(self, line: str) -> None:
        goes_on, ends = _QUOTE_GOES_ON[self.state]
        if ends.match(line):
            self.state = "ended"
        elif line.startswith("---") or not goes_on.match(line):
            raise _NotPlainError

    def _long_flow(self, line: str) -> None:
        if len(line) - len(line.lstrip(" ")) < self.parent:
            raise _NotPlainError
        self.has_long_flows = True
        self.joined.append(" " + line)
        self._flow(line)

    def _flow(self, line: str) -> None:
        """A line of a flow collection, which is kept: its content is not told from its structure.

        Each line but the last ends behind a comma or an opening bracket, or before a closing one, so that
        no scalar and no key goes on over its end.
        """
        bare = line.strip(" ")
        if line.startswith("---") or "\t" in line or (self.goes_on and bare[:1] not in ("]", "}")):
            raise _NotPlainError
        match = _FLOW.match(line)
        end = match.end() if match else 0
        for token in _FLOW_TOKEN.finditer(line, 0, end):
            if token[0] in "[{":
                self.depth += 1
            elif token[0] in "]}":
                self.depth -= 1
                if self.depth == 0:
                    end = token.end()
                    break
        if line[end:] and (self.depth or not _FLOW_ENDS.match(line, end)):
            raise _NotPlainError
        self.goes_on = self.depth > 0 and bare[-1:] not in (",", "[", "{")
        self.state = "flow" if self.depth else "ended"
        self.kept.append(line)
