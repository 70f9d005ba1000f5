"""CODEOWNERS as GitHub reads it (docs.github.com, "About code owners").

The last line that matches a path decides, also where it names nobody. One owner of that line approves; an owner
who opened the pull request has approved by that. Lines that GitHub cannot read are left out, as it does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.forge.codeowners.pattern import GLOBSTAR, matched_lengths, split_pattern
from auditor.forge.codeowners.requirement import OwnerRequirement, checked

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""The first of these that is there is read."""
MAX_BYTES = 3 * 1000 * 1000
"""A file of 3 MB or more is not loaded, so that nobody owns anything."""

_OWNER = re.compile(r"@[^\s@/]+(?:/[^\s@/]+)?|[^\s@]+@[^\s@]+")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    pattern: str
    owners: tuple[str, ...]


def required_owners(text: str, paths: Sequence[str]) -> tuple[OwnerRequirement, ...]:
    """What the file asks for when these paths change: one requirement a deciding line."""
    if len(text.encode("utf-8", "replace")) >= MAX_BYTES:
        return ()
    lines = [line for number, raw in enumerate(text.splitlines(), 1) if (line := _line(number, raw))]
    checked(len(lines), len(paths))
    latest_first = lines[::-1]
    decided: dict[_Line, list[str]] = {}
    for path in paths:
        segments = path.split("/")
        for line in latest_first:
            if _matches(line.pattern, segments):
                decided.setdefault(line, []).append(path)
                break
    return tuple(
        OwnerRequirement(
            where=f"CODEOWNERS line {line.number}: {line.pattern}",
            owners=line.owners,
            approvals=1 if line.owners else 0,
            paths=tuple(owned),
            author_counts=True,
        )
        for line, owned in sorted(decided.items(), key=lambda entry: entry[0].number)
    )


def _line(number: int, raw: str) -> _Line | None:
    """The line's rule; None for comments and for what GitHub cannot read (`!`, `[ ]`, `\\#`, odd owners)."""
    if raw.lstrip().startswith("#"):
        return None
    words = []
    for word in _WORD.findall(raw):
        if word.startswith("#"):
            break  # a comment at the end of the line
        words.append(word)
    if not words:
        return None
    pattern, *owners = words
    if pattern.startswith(("!", "\\#")) or "[" in pattern or "]" in pattern:
        return None
    if not all(_OWNER.fullmatch(owner) for owner in owners):
        return None
    return _Line(number, pattern, tuple(owners))


def _matches(pattern: str, path: Sequence[str]) -> bool:
    segments = split_pattern(pattern)
    if not segments:
        return False
    folder_only = pattern.endswith("/")
    anchored = "/" in pattern.rstrip("/")
    if len(segments) > 1 and segments[-1] == GLOBSTAR:
        segments, folder_only = segments[:-1], True  # everything inside
    lengths = matched_lengths(segments if anchored else (GLOBSTAR, *segments), path, classes=False)
    if folder_only:
        return any(length < len(path) for length in lengths)
    if pattern.endswith("/*"):
        return len(path) in lengths  # the files of that folder, not those of folders in it
    return any(0 < length <= len(path) for length in lengths)
