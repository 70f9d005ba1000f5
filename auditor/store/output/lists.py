"""Several problems of one file in one text: a line each that begins with a bullet, so that pages show a list."""

from __future__ import annotations

_ITEM = "• "


def with_item(before: str, message: str) -> str:
    """The text `before` ('' at first) with one more problem; unchanged where it tells it already."""
    if not before:
        return message
    told = several(before)
    return before if message in told else "\n".join(f"{_ITEM}{one}" for one in (*told, message))


def several(words: str) -> list[str]:
    """The problems that a text tells, one where it is no list."""
    return words.removeprefix(_ITEM).split(f"\n{_ITEM}") if words.startswith(_ITEM) else [words]
