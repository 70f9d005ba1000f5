"""Text for people: a table, or one block a row where the columns do not fit the screen."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from auditor.store.adhoc import QueryResult
from auditor.store.output.cells import rows, text
from auditor.store.output.interface import Screen
from auditor.store.output.visible import visible

NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "UBIGINT")
READABLE_WIDTH = 14
"""Characters below which a long column of a terminal table is no longer worth reading."""


class TableFormat:
    """Rich on a terminal; elsewhere aligned plain text whose cells are whole."""

    def render(self, result: QueryResult, screen: Screen) -> bytes:
        """The rows, then how many there are, and whether any are missing."""
        names = [visible(name) for name in result.columns]
        numeric = [kind.startswith(NUMBERS) or kind.endswith("INT") for kind in result.types]
        cells = [[text(value) for value in row] for row in rows(result.table)]
        if not screen.terminal:
            body = _aligned(names, cells, numeric)
        elif _fits(names, cells, screen.width):
            body = _rich(names, cells, numeric, screen)
        else:
            body = _blocks(names, cells)
        note = result.note or f"{len(cells)} row(s)"
        return f"{body}{note}\n".encode()


def _fits(names: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> bool:
    needed = 1
    for index, name in enumerate(names):
        longest = max((cell_len(row[index]) for row in cells), default=0)
        needed += max(min(longest, READABLE_WIDTH), min(cell_len(name), READABLE_WIDTH)) + 3
    return needed <= width


def _rich(
    names: Sequence[str], cells: Sequence[Sequence[str]], numeric: Sequence[bool], screen: Screen
) -> str:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, right in zip(names, numeric, strict=True):
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    sink = io.StringIO()
    console = Console(
        file=sink,
        width=screen.width,
        force_terminal=screen.colour,
        no_color=not screen.colour,
        highlight=False,
    )
    console.print(table)
    return sink.getvalue()


def _aligned(names: Sequence[str], cells: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    widths = [
        max(cell_len(name), max((cell_len(row[index]) for row in cells), default=0))
        for index, name in enumerate(names)
    ]
    lines = []
    for row in [names, ["-" * width for width in widths], *cells]:
        padded = []
        for cell, width, right in zip(row, widths, numeric, strict=True):
            space = " " * (width - cell_len(cell))
            padded.append(space + cell if right else cell + space)
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines) + "\n"


def _blocks(names: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    width = max((cell_len(name) for name in names), default=0)
    blocks = []
    for number, row in enumerate(cells, start=1):
        lines = [f"-- {number} --"]
        lines += [
            f"{name}{' ' * (width - cell_len(name))}  {cell}".rstrip()
            for name, cell in zip(names, row, strict=True)
        ]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)
