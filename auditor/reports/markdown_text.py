"""Text of hostile origin in a Markdown document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from auditor.store.output.lists import several
from auditor.store.output.visible import visible

_ACTIVE = re.compile(r"""[\\`*_{}\[\]()#!|~@:$^=]|(?<=www)\.|(?<=WWW)\.""", re.IGNORECASE)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str) -> str:
    """The text so that Markdown shows it as it is: no markup, link, image, mention, HTML or table cell."""
    marked = "".join(_ENTITIES.get(character, character) for character in visible(text))
    # The backslashes of `visible` are text too, so they are escaped with the rest.
    return _ACTIVE.sub(lambda match: "\\" + match[0], marked).strip()


def listed(text: str) -> str:
    """The text as `escape` gives it; several problems in one are told apart, also where only one line may be."""
    return " • ".join(escape(one) for one in several(text))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def days(value: float | None) -> str:
    """A time in days with its unit, a dash where there is none."""
    return "–" if value is None else f"{value:.1f} days"
