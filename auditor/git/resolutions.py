"""A conflict that was resolved: whether what stands there now is a choice among what the sides say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from auditor.git.blobs import ObjectReader

_MARKER = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?: .*)?$")
_WORD = re.compile(r"\w+|[^\w\s]")
_REGULAR = ("100644", "100755")
_MOST_LINES = 20_000
_MOST_CONFLICTS = 200


def resolution(
    made: tuple[str, str] | None,
    auto: tuple[str, str] | None,
    stages: Mapping[int, tuple[str, str]],
    reader: ObjectReader,
) -> str:
    """What of a resolved conflict is nobody's, in words; '' where it is a choice among what the sides say.

    Choosing a side, leaving the file out, and weaving both sides together are honest. Outside the conflict the file
    has to be as merged; within it, every word has to stand in one of the versions.
    """
    if made is None or made in stages.values():
        return ""
    if made[0] not in _REGULAR or made[0] not in {mode for mode, _ in stages.values()}:
        return "the conflict was resolved with a mode that neither side has"
    versions = [_text(reader, blob) for mode, blob in stages.values() if mode in _REGULAR]
    merged = _text(reader, auto[1]) if auto is not None and auto[0] in _REGULAR else None
    result = _text(reader, made[1])
    if result is None or any(version is None for version in versions):
        return "the conflict was resolved with content that neither side has, and that is no text"
    if any(_MARKER.match(line) for version in versions for line in (version or "").splitlines()):
        return (
            "it holds conflict markers of its own, so that what was resolved cannot be told from what was not"
        )
    if merged is not None and max(merged.count("\n"), result.count("\n")) > _MOST_LINES:
        return f"the file in conflict has more than {_MOST_LINES} lines, which are not compared"
    if merged is not None and merged.count("<" * 7) > _MOST_CONFLICTS:
        return f"the file has more than {_MOST_CONFLICTS} conflicts, which are not compared"
    if merged is not None and _outside_differs(merged, result):
        return "it was changed beside the conflict, where the two sides do not differ"
    known = {word for version in versions for word in _WORD.findall(version or "")}
    new = [word for word in _WORD.findall(result) if word not in known]
    return f"the conflict was resolved with words that are on neither side ({len(new)})" if new else ""


def _outside_differs(merged: str, result: str) -> bool:
    """Whether what stands around the conflicts is not all there, in its order, with nothing but them between."""
    pieces = _around_conflicts(merged)
    if len(pieces) == 1:
        return pieces[0] != result.splitlines()
    lines = result.splitlines()
    first, *middle, last = pieces
    if lines[: len(first)] != first or (last and lines[len(lines) - len(last) :] != last):
        return True
    if len(first) + len(last) > len(lines):
        return True
    rest = lines[len(first) : len(lines) - len(last)]
    at = 0
    for piece in middle:
        where = next(
            (i for i in range(at, len(rest) - len(piece) + 1) if rest[i : i + len(piece)] == piece), None
        )
        if where is None:
            return True
        at = where + len(piece)
    return False


def _around_conflicts(merged: str) -> list[list[str]]:
    """The lines before, between and after the conflicts that git marked."""
    pieces: list[list[str]] = [[]]
    inside = False
    for line in merged.splitlines():
        if _MARKER.match(line):
            if line.startswith("<" * 7) and not inside:
                inside = True
            elif line.startswith(">" * 7) and inside:
                inside = False
                pieces.append([])
            continue
        if not inside:
            pieces[-1].append(line)
    return pieces


def _text(reader: ObjectReader, blob: str) -> str | None:
    content = reader.read(blob)
    if content is None or b"\0" in content:
        return None
    return content.decode("utf-8", "surrogateescape")
