"""Follows an audit log that the API server is writing, over rotation and truncation."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from auditor.cluster.auditlog.files import log_files
from auditor.cluster.auditlog.intake import Intake, Limits, Span
from auditor.cluster.auditlog.lines import Line
from auditor.cluster.auditlog.reader import AuditLogReader
from auditor.model import AuditEvent

_CHUNK = 256 * 1024


class FollowedLog:
    """One log file as it grows. `problems` says what was lost: lines that could not be read, truncations."""

    def __init__(self, path: Path, *, digest: Callable[[str], str], limits: Limits | None = None) -> None:
        """Begins at the file's beginning; what was rotated before is not read. `digest` as for AuditLogReader."""
        self._path, self._digest = path, digest
        self._limits = limits or Limits()
        self._intake = Intake(digest, self._limits)
        self._span = Span(str(path))
        self._seen = {_inode(file) for file in self._siblings()}
        self._file = path.open("rb")
        self._rest, self._too_long, self._number = b"", False, 0

    @property
    def problems(self) -> tuple[str, ...]:
        """What was lost so far, the first of many."""
        return tuple(self._intake.problems)

    @property
    def unreadable(self) -> int:
        """How many lines could not be read so far."""
        return self._intake.unreadable

    def read(self) -> Iterator[AuditEvent]:
        """The writes that were added since the last call, over rotations in between."""
        yield from self._grown()
        if self._was_rotated():
            yield from self._grown()  # what was written between the look and the rotation
            yield from self._last_line()
            yield from self._between()
            self._open_again()
            yield from self._grown()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _grown(self) -> Iterator[AuditEvent]:
        size = os.fstat(self._file.fileno()).st_size
        if size < self._file.tell():
            self._intake.problem(
                f"{self._path}: truncated while it was followed; what was not read by then is lost"
            )
            self._file.seek(0)
            self._rest, self._too_long, self._number = b"", False, 0
        while chunk := self._file.read(_CHUNK):
            *lines, rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                yield from self._line(line, ended=True)
            self._rest = rest
            if len(rest) > self._limits.line_bytes:
                self._rest, self._too_long = b"", True

    def _line(self, data: bytes, *, ended: bool) -> Iterator[AuditEvent]:
        self._number += 1
        too_long, self._too_long = self._too_long or len(data) > self._limits.line_bytes, False
        bare = data.strip(b"\0 \t\r\n")
        if bare or too_long:
            line = Line(self._number, None if too_long else bare, ended)
            yield from self._intake.take(line, self._span, active=False)

    def _last_line(self) -> Iterator[AuditEvent]:
        if self._rest or self._too_long:
            yield from self._line(self._rest, ended=False)
        self._rest = b""

    def _was_rotated(self) -> bool:
        try:
            return _inode(self._path) != _inode_of(os.fstat(self._file.fileno()))
        except FileNotFoundError:
            return False  # renamed, and the new one is not there yet

    def _between(self) -> Iterator[AuditEvent]:
        """Files that were begun and rotated between two looks."""
        mine = _inode_of(os.fstat(self._file.fileno()))
        for path in self._siblings():
            inode = _inode(path)
            if inode not in self._seen and inode != mine and path != self._path:
                between = AuditLogReader([path], digest=self._digest, limits=self._limits)
                yield from between.events()
                for problem in between.coverage().problems:
                    self._intake.problem(problem)
        self._seen = {_inode(path) for path in self._siblings() if path != self._path}

    def _siblings(self) -> list[Path]:
        files, _ = log_files([self._path.parent])
        stream = next(file.stream for file in files if file.path == self._path)
        return [file.path for file in files if file.stream == stream]

    def _open_again(self) -> None:
        self._file.close()
        self._file = self._path.open("rb")
        self._number = 0


def _inode(path: Path) -> tuple[int, int]:
    return _inode_of(path.stat())


def _inode_of(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def follow_audit_log(
    path: Path, *, digest: Callable[[str], str], wait: Callable[[], bool], limits: Limits | None = None
) -> Iterator[AuditEvent]:
    """Every write in the log, then those to come. `wait` is called when there is nothing new; False ends it."""
    log = FollowedLog(path, digest=digest, limits=limits)
    try:
        while True:
            yield from log.read()
            if not wait():
                return
    finally:
        log.close()
