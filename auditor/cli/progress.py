"""Progress of long work on standard error: a bar, a rate and an ETA on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from auditor.pipeline.progress import Progress, Silent

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import Task, TaskID
    from rich.text import Text


@contextmanager
def shown_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """A Progress for the block; silent unless standard error is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield Silent()
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichProgress
    from rich.text import Text

    from auditor.cli.terminal import remarks

    class Rate(ProgressColumn):
        """Units a second."""

        def render(self, task: Task) -> Text:
            """Empty until there is a rate to tell."""
            if not task.total or task.speed is None:
                return Text("")
            return Text(f"{task.speed:,.0f} {task.fields['unit']}/s", style="progress.data.speed")

    bars = RichProgress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
        console=remarks(),
        transient=True,
    )
    with bars:
        yield _Shown(bars)


class _Shown:
    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def stage(self, label: str, total: int | None, unit: str) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(label, total=total, unit=unit)

    def advance(self, count: int) -> None:
        if self._task is not None:
            self._bars.advance(self._task, count)
