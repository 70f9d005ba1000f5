"""What reaches the terminal: data on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from rich.console import Console

SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
SEVERITY_MARKS = {"critical": "■", "high": "▲", "medium": "◆", "low": "●"}
"""A shape for each severity, for those who do not see the colours."""


def output() -> Console:
    """Standard output. Markup off: repository text is printed as it is. NO_COLOR and pipes are respected."""
    from rich.console import Console

    return Console(markup=False, highlight=False, soft_wrap=not sys.stdout.isatty(), emoji=False)


def remarks() -> Console:
    """Standard error."""
    from rich.console import Console

    return Console(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON document and a line's end on standard output."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z) + b"\n")
    sys.stdout.flush()


def plain(text: str) -> str:
    """The text without control characters: what a repository says must not move the cursor or set a title."""
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )
