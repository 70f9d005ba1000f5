"""What commit messages say, in the words that git and forges write. All of it is the writer's claim."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TRAILER = re.compile(r"^([A-Za-z][A-Za-z0-9-]*):[ \t]+(\S.*)$")
_SPACED_TRAILER = re.compile(r"^(?:\(cherry picked from commit [0-9a-f]{7,64}\)|See merge request \S+)$")
_REVERTED = re.compile(r"^This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE)
_REVERTS_OF = re.compile(r'(?:Revert ")*')
_CO_AUTHOR = re.compile(r"^(.*?)\s*<([^<>]+)>$")


def trailers(body: str) -> Iterator[tuple[str, str]]:
    """(key, value) of the last paragraph, where that is trailers only: git-interpret-trailers(1)."""
    yield from _split(body)[1]


def without_trailers(body: str) -> str:
    """What people wrote: the body without its trailers and without what merges and cherry-picks add."""
    return _split(body)[0]


def co_authors(body: str) -> Iterator[tuple[str, str]]:
    """(name, address) of each Co-authored-by trailer."""
    for key, value in trailers(body):
        if key.lower() == "co-authored-by" and (match := _CO_AUTHOR.match(value)):
            yield match[1], match[2]


def reverted(subject: str, body: str) -> tuple[str, ...]:
    """The commits that the message says it takes back, as git and forges word it; () where it takes back none.

    A revert of a revert (`Revert "Revert …`, or `Reapply "…` since git 2.43) brings something back: none.
    """
    if "This reverts commit " not in body:
        return ()
    depth = len(_REVERTS_OF.match(subject)[0]) // len('Revert "')  # type: ignore[index]  # it matches '' too
    if subject.startswith('Reapply "') or (depth and depth % 2 == 0):
        return ()
    return tuple(_REVERTED.findall(body))


def _split(body: str) -> tuple[str, list[tuple[str, str]]]:
    text = "\n".join(
        line for line in body.strip().splitlines() if not _SPACED_TRAILER.match(line.strip())
    ).strip()
    head, _, last = text.rpartition("\n\n")
    found = []
    for line in last.splitlines():
        match = _TRAILER.match(line)
        if match:
            found.append((match[1], match[2].strip()))
        elif not (found and line[:1].isspace()):
            return text, []
    return (head.strip(), found) if found else (text, [])
