"""Which files an audit log is: one file, or a folder with what was rotated, of one API server or of several."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import UsageError

STDIN = "-"

_ROTATED = re.compile(
    r"-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?(?=\.|$)|\.\d+(?=$|\.)|-\d{8}(?:-\d+)?(?=\.|$)"
)
"""How a rotated file is called: the API server's own way, and logrotate's two."""

_LOG = re.compile(r"\.(?:log|jsonl|json|ndjson)(?:[.-]|$)")
_PACKED_OTHERWISE = (".zst", ".xz", ".bz2", ".lz4", ".zip", ".Z")


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file; `stream` names the log that it is a part of, `rotated` says that nobody writes into it any more."""

    path: Path
    stream: str
    rotated: bool


def log_files(sources: Sequence[Path]) -> tuple[list[LogFile], list[str]]:
    """The files of the sources, each once, and a problem for each that should be read and cannot be.

    A file that is named is read whatever it is called; in a folder, those whose name says that they are logs.
    Raises UsageError for a source that is not there, or a folder without any log.
    """
    found: dict[Path, LogFile] = {}
    problems: list[str] = []
    for source in sources:
        if _asked(source.is_dir):
            entries = _of_folder(source)
        elif _asked(source.exists):
            entries = [source]
        else:
            raise UsageError(
                f"there is no audit log {source}",
                hint="name the file that kube-apiserver writes (--audit-log-path), its folder, or - for standard input",
            )
        for path in entries:
            if path.name.endswith(_PACKED_OTHERWISE):
                problems.append(f"{path}: packed in a way that is not read; unpack it, or pack it with gzip")
            else:
                found.setdefault(path.resolve(), _log_file(path))
    return sorted(found.values(), key=lambda file: (file.stream, not file.rotated, file.path.name)), problems


def _asked(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError as error:
        raise UsageError(f"cannot look at the audit log {error.filename}: {error.strerror}") from error


def _of_folder(folder: Path) -> list[Path]:
    try:
        entries = sorted(path for path in folder.iterdir() if path.is_file() and _LOG.search(path.name))
    except OSError as error:
        raise UsageError(f"cannot list the audit logs in {folder}: {error.strerror}") from error
    if not entries:
        raise UsageError(
            f"{folder} holds no audit log",
            hint="its files should be called *.log, *.jsonl or *.json, rotated or gzipped",
        )
    return entries


def _log_file(path: Path) -> LogFile:
    bare = path.name.removesuffix(".gz")
    stream = _ROTATED.sub("", bare)
    return LogFile(path, str(path.with_name(stream)), rotated=stream != bare or path.name != bare)
