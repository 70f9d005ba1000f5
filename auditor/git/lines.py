"""Which landed commit last wrote a line, told from the versions of its file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

MAX_VERSIONS = 1_000
"""Versions of one file that are looked at; a line that is older than all of them has no known commit."""

_MAX_HUNK = 3_000
"""Lines of a changed part that are compared one by one; in a larger one every line counts as written anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A landed commit that changed a file: its blob before ('' where it was not there) and after."""

    sha: str
    old_blob: str
    new_blob: str


def last_writers(
    lines: Iterable[int], versions: Iterable[Version], read: Callable[[str], bytes | None]
) -> dict[int, str]:
    """The commit that last wrote each line (1-based) of the newest version; '' where it is older than what is known.

    `versions` are the newest first, each following on the one before it. `read` gives a blob, None where it is not
    there; what comes before such a version is not known.
    """
    found = dict.fromkeys(lines, "")
    at = {line: line for line in found}
    newer: list[bytes] | None = None
    for number, version in enumerate(versions):
        if not at or number == MAX_VERSIONS:
            break
        if newer is None:
            content = read(version.new_blob)
            if content is None:
                break
            newer = content.split(b"\n")
        before = read(version.old_blob) if version.old_blob else b""
        if before is None:
            break
        older = before.split(b"\n") if version.old_blob else []
        moved = _moved(older, newer, at.values())
        for line, place in list(at.items()):
            if place in moved:
                at[line] = moved[place]
            else:
                found[line] = version.sha
                del at[line]
        newer = older
    return found


def _moved(older: list[bytes], newer: list[bytes], lines: Iterable[int]) -> dict[int, int]:
    """Where lines of the newer version stood in the older; without those that were written since."""
    start = 0
    while start < min(len(older), len(newer)) and older[start] == newer[start]:
        start += 1
    end = 0
    while end < min(len(older), len(newer)) - start and older[-1 - end] == newer[-1 - end]:
        end += 1
    moved: dict[int, int] = {}
    inside: list[int] = []
    for line in lines:
        if line <= start:
            moved[line] = line
        elif line > len(newer) - end:
            moved[line] = line - len(newer) + len(older)
        else:
            inside.append(line)
    if inside and len(newer) - start - end <= _MAX_HUNK and len(older) - start - end <= _MAX_HUNK:
        before, after = older[start : len(older) - end], newer[start : len(newer) - end]
        for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
            for line in inside:
                if block.b < line - start <= block.b + block.size:
                    moved[line] = line - block.b + block.a
    return moved
