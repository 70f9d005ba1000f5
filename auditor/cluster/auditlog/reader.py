"""Reads an audit log from files, a folder with what was rotated, or standard input."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from auditor.cluster.auditlog.files import STDIN, LogFile, log_files
from auditor.cluster.auditlog.intake import About, Intake, Limits, Span
from auditor.cluster.auditlog.lines import Readable, bounded_lines
from auditor.model import AuditCoverage, AuditEvent, AuditGap

_FAR = 3
"""So many times the longest silence within the files says that a file between two others may be missing."""


class AuditLogReader:
    """One pass over an audit log. `coverage` is whole after `events` ended."""

    def __init__(
        self,
        sources: Sequence[Path],
        *,
        digest: Callable[[str], str],
        limits: Limits | None = None,
        stdin: Readable | None = None,
    ) -> None:
        """`sources` are files and folders, `-` is standard input; several where there are several API servers.

        `digest` is the keyed digest under which the snapshot was redacted. Raises UsageError where a source is not
        there or holds no log.
        """
        named = [source for source in sources if str(source) != STDIN]
        self._files, unread = log_files(named)
        self._stdin = (stdin or sys.stdin.buffer) if len(named) < len(sources) else None
        self._limits = limits or Limits()
        self._intake = Intake(digest, self._limits)
        self._spans: list[tuple[LogFile | None, Span]] = []
        names = Counter(file.path.name for file in self._files)
        self._has_own_name = {file for file in self._files if names[file.path.name] == 1}
        for problem in unread:
            self._intake.problem(problem)

    def events(self, about: About | None = None) -> Iterator[AuditEvent]:
        """Every write, file by file; times are in order only within an API server's log.

        `about` chooses by group, resource, namespace and name; what it leaves out is counted and not looked into.
        """
        self._intake.about = about
        for file in self._files:
            yield from self._file(file)
        if self._stdin is not None:
            span = Span("standard input")
            self._spans.append((None, span))
            yield from self._stream(self._stdin, span, active=True)

    def _file(self, file: LogFile) -> Iterator[AuditEvent]:
        span = Span(file.path.name if file in self._has_own_name else str(file.path))
        self._spans.append((file, span))
        try:
            with file.path.open("rb") as raw:
                packed = raw.peek(2)[:2] == b"\x1f\x8b"
                stream: Readable = gzip.GzipFile(fileobj=raw) if packed else raw
                yield from self._stream(stream, span, active=not file.rotated)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._intake.damaged(span, f"damaged: {error}")
        except OSError as error:
            self._intake.damaged(span, f"cannot be read: {error.strerror or error}")

    def _stream(self, stream: Readable, span: Span, *, active: bool) -> Iterator[AuditEvent]:
        for line in bounded_lines(stream, self._limits.line_bytes):
            yield from self._intake.take(line, span, active=active)
        self._intake.end_of_file()

    def coverage(self) -> AuditCoverage:
        """What was read, and what is known to be missing."""
        taken = self._intake
        streams: dict[str, list[Span]] = {}
        for file, span in self._spans:
            if span.first is not None:
                streams.setdefault(file.stream if file else "", []).append(span)
        gaps = [*taken.gaps]
        for spans in streams.values():
            gaps += _missing_files(spans, self._limits.quiet_s)
        begins = [min(span.first for span in spans if span.first) for spans in streams.values()]
        ends = [max(span.last for span in spans if span.last) for spans in streams.values()]
        return AuditCoverage(
            first=max(begins, default=None),
            last=max(ends, default=None),
            files=len(self._spans),
            lines=taken.lines,
            writes=taken.writes,
            unreadable=taken.unreadable,
            problems=tuple(taken.problems),
            unfinished=taken.unfinished(),
            gaps=tuple(gaps),
            open_end=taken.open_end,
        )


def _missing_files(spans: Sequence[Span], quiet_s: float) -> Iterator[AuditGap]:
    """Silences between two files that are far longer than any within one.

    A quiet cluster is no gap: what is held against the silence is how quiet this very log is elsewhere.
    """
    ordered = sorted((span for span in spans if span.first), key=lambda span: (span.first, span.last))
    usual = max((span.silence for span in ordered), default=timedelta())
    for earlier, later in pairwise(ordered):
        if earlier.last is None or later.first is None:
            continue
        silence = later.first - earlier.last
        if silence > max(timedelta(seconds=quiet_s), _FAR * usual):
            yield AuditGap(
                after=earlier.last,
                before=later.first,
                why=f"{silence} without an event between {earlier.name} and {later.name}, and none within the files"
                f" is longer than {usual}: a rotated file may be missing",
            )
