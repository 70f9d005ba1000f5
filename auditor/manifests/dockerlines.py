"""A Dockerfile's instructions out of its lines, as BuildKit puts them together."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][\w-]*)\s*=\s*(.*?)\s*\Z")
_HEREDOC = re.compile(r"(?:^|\s)[0-9]*<<(-?)([\"']?)([A-Za-z0-9_.][\w.-]*)\2(?=\s|\Z)")
_WITH_HEREDOC = frozenset({"ADD", "COPY", "RUN"})


@dataclass(frozen=True, slots=True)
class Instruction:
    """A keyword (in capitals), what follows it on its logical line (here-documents after line breaks), its line."""

    keyword: str
    value: str
    line: int


class LineError(Exception):
    """What BuildKit would refuse, at a line (1-based)."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def instructions_of(text: str) -> list[Instruction]:
    """Every instruction in order. Raises LineError for a here-document without end."""
    lines = text.replace("\r\n", "\n").split("\n")
    escape = _escape(lines)
    continued = re.compile(rf"{re.escape(escape)}[ \t]*\Z")
    found: list[Instruction] = []
    number = 0
    while number < len(lines):
        start = number
        parts: list[str] = []
        while number < len(lines):
            line = lines[number]
            number += 1
            bare = line.strip()
            if not bare or bare.startswith("#"):
                # Within an instruction both are passed over; before one they begin nothing.
                if not parts:
                    start = number
                continue
            ending = continued.search(line)
            parts.append((line[: ending.start()] if ending else line).strip())
            if not ending:
                break
        if not parts:
            break
        whole = " ".join(part for part in parts if part)
        keyword, _, value = whole.partition(" ") if " " in whole else whole.partition("\t")
        keyword = keyword.upper()
        value = value.strip()
        if keyword in _WITH_HEREDOC and "<<" in value:
            body, number = _heredocs(value, lines, number, start + 1)
            value += body
        found.append(Instruction(keyword, value, start + 1))
    return found


def _escape(lines: list[str]) -> str:
    """The escape character: directives stand at the top, one a line, before anything else."""
    for line in lines:
        found = _DIRECTIVE.match(line.strip())
        if found is None:
            break
        if found[1].lower() == "escape" and found[2] in ("\\", "`"):
            return found[2]
    return "\\"


def _heredocs(value: str, lines: list[str], number: int, line: int) -> tuple[str, int]:
    """The bodies of the here-documents that the instruction opens, and the number of the line after them."""
    body: list[str] = []
    for dash, _, word in _HEREDOC.findall(value):
        while True:
            if number >= len(lines):
                raise LineError("a here-document has no end", line)
            text = lines[number].lstrip("\t") if dash else lines[number]
            number += 1
            if text == word:
                break
            body.append(text)
    return "".join(f"\n{text}" for text in body), number
