"""Where a field of a folder's plain manifests comes from: the file that it is written in."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.manifests.marks import nodes_in
from auditor.manifests.pointers import PointerError, parse_pointer
from auditor.manifests.rendering.interface import Work
from auditor.manifests.rendering.tracing import Question, Step, Trace


class DirectoryTracer:
    """The Tracer of folders that are applied as they are written."""

    def trace(self, work: Work, questions: Sequence[Question]) -> list[Trace | None]:
        """As Tracer.trace."""
        return [_traced(question) for question in questions]


def _traced(question: Question) -> Trace | None:
    document = question.document
    path = question.sources[0] if question.sources else ""
    root = question.files.object(path, document.kind, (document.name,)) if path else None
    if root is None:
        return None
    try:
        steps = parse_pointer(question.pointer)
    except PointerError:
        return None
    way = nodes_in(root, steps)
    place = way[-1][0]
    step = Step(path=path, line=place.line, column=place.column, what="written here")
    return Trace(steps=(step,), is_exact=len(way) == len(steps) + 1)
