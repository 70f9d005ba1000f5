"""Text for people: hostile characters made visible, times with zone, numbers with units.

What comes out of a repository (messages, names, paths, manifests) is shown as plain text or code,
never as Markdown; `heading` is for the few texts of the rule bundle that stand in headings.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

from auditor.store.output.lists import several

MAX_LINES = 2000
MAX_CHARACTERS = 200_000

_WORD_JOINER = "\u2060"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&\"'=^])")
# Renderers find links, icons and emoji in the finished text as well, where no escape is left.
_AFTER_PARSING = re.compile(r"(:|@|(?i:www))")


def visible(text: str) -> str:
    """The text with control and bidirectional characters written as escapes; tabs and newlines stay."""
    if text.isprintable():
        return text
    return "".join(_visible_character(character) for character in text.replace("\r\n", "\n"))


def _visible_character(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character
    return f"\\u{ord(character):04x}"


def one_line(text: str) -> str:
    """The text visible and on one line."""
    return " ".join(visible(text).split())


def heading(text: str) -> str:
    """The text for a place that reads Markdown, with nothing left that Markdown would act on."""
    return _MARKDOWN.sub(r"\\\1", _AFTER_PARSING.sub(rf"\1{_WORD_JOINER}", one_line(text)))


def unmarked(words: str) -> str:
    """A rule's words as plain text: the backticks that mark code in them are taken out."""
    return visible(words.replace("`", "")).strip()


def rule_title(row: dict[str, Any]) -> str:
    """The title of a rule as plain text on one line; its id where it has none."""
    return one_line(unmarked(row["title"] or row["rule_id"]))


def summed(words: str) -> str:
    """What is told, on one line: of several problems the first, and how many more there are."""
    first, *more = several(words)
    return one_line(first) + (f" (and {len(more):,} more)" if more else "")


def limited(text: str) -> tuple[str, str]:
    """The text cut to what a page can hold, and a sentence on what was left out ('' if nothing)."""
    lines = text.splitlines()
    shown = "\n".join(lines[:MAX_LINES])[:MAX_CHARACTERS]
    if len(lines) <= MAX_LINES and len(shown) == len("\n".join(lines)):
        return visible(shown), ""
    return visible(shown), f"Shortened: {len(lines):,} lines in all."


def numbered(text: str, line: int, *, before: int = 3, after: int = 60, mark: bool = True) -> str:
    """The lines from `before` to `after` a line (1-based), with their numbers; that line is marked, if wanted."""
    lines = text.splitlines()
    first, last = max(1, line - before), min(len(lines), line + after)
    width = len(str(last))
    return "\n".join(
        f"{'→' if mark and number == line else ' '} {number:>{width}} │ {lines[number - 1]}"
        for number in range(first, last + 1)
    )


def pretty(value: str) -> str:
    """A JSON text with its structure on lines of their own; any other text as it is."""
    try:
        return json.dumps(json.loads(value), indent=2, ensure_ascii=False)
    except ValueError:
        return value


def name_of(person: str) -> str:
    """The name out of 'Name <address>', on one line."""
    return one_line(person.partition(" <")[0] or person)


def when(moment: datetime | None) -> str:
    """A time in UTC to the minute, with its zone; '–' where it is not known."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else "–"


def day(moment: datetime | None) -> str:
    """A day in UTC; '–' where it is not known."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d") if moment else "–"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: '1 finding', '2,300 findings'."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def days(number: float | None) -> str:
    """A length of time in days, one decimal below ten; '–' where it is not known."""
    if number is None:
        return "–"
    if number < 10 and number != int(number):
        return f"{number:.1f} days"
    return count(round(number), "day")


def short(sha: str) -> str:
    """The first ten digits of a commit id; '–' where there is none."""
    return sha[:10] or "–"


def resource(row: dict[str, Any]) -> str:
    """Kind and name, with the namespace where there is one: 'Deployment payments/api'."""
    name = f"{row['namespace']}/{row['name']}" if row["namespace"] else row["name"]
    return one_line(f"{row['kind']} {name}")
