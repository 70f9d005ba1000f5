"""Which line of which file a rendered field comes from; one file for each way of rendering, one line in the table.

Asked only of resources that have findings. What cannot be told is not: `is_exact` is False where the place is only the
nearest one that there is, such as the parent of a field that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from auditor.manifests.rendering.interface import Work
from auditor.manifests.rendering.traced_files import TracedFiles
from auditor.model import Document


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A place on the way from a source to what was rendered, and what it did. `line` and `column` are 1-based, 0
    where the whole file is meant."""

    path: str
    line: int
    column: int
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """Where a field comes from: first the place that gives it its value, then what it went through, up to what
    deploys it. `is_exact` is True where the first place is known to have written the value."""

    steps: tuple[Step, ...]
    is_exact: bool

    @property
    def source(self) -> Step:
        """The place that gives the value."""
        return self.steps[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaring:
    """The object that deploys, as it stands in its file: `path` is '' where no object does."""

    path: str
    kind: str
    name: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A field (`pointer`) of a rendered document, whose manifest may be empty where it is kept from an earlier run.
    `sources` are the files that the document is known to be made of, the first the one that brought it in.
    `by` is what deploys it."""

    document: Document
    pointer: str
    sources: tuple[str, ...]
    by: Declaring
    files: TracedFiles = field(repr=False)


class Tracer(Protocol):
    """Traces what one kind of Work renders."""

    def trace(self, work: Work, questions: Sequence[Question]) -> list[Trace | None]:
        """An answer for each question about the work's documents, None where nothing is known. Never raises but
        MissingPartError; a file that cannot be read tells nothing."""
        ...


def tracer_of(work: Work) -> Tracer | None:
    """What traces the work's documents; None where nothing does."""
    return next((tracer for is_for, tracer in _table() if is_for(work)), None)


def _table() -> tuple[tuple[Callable[[Work], bool], Tracer], ...]:
    """Every tracer, with what it is for."""
    from auditor.manifests.rendering.directory import DirectoryWork
    from auditor.manifests.rendering.helm_work import HelmWork
    from auditor.manifests.rendering.trace_directory import DirectoryTracer
    from auditor.manifests.rendering.trace_helm import HelmTracer
    from auditor.manifests.rendering.trace_kustomize import KustomizeTracer
    from auditor.manifests.rendering.work import KustomizeWork

    return (
        (lambda work: isinstance(work, KustomizeWork), KustomizeTracer()),
        (lambda work: isinstance(work, HelmWork), HelmTracer()),
        (lambda work: isinstance(work, DirectoryWork), DirectoryTracer()),
    )
