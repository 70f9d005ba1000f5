"""What is checked: files and folders as they were named, and where each stands in its repository."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from auditor.errors import ManifestError, UsageError
from auditor.manifests.foldertree import FolderTree
from auditor.manifests.formats import is_readable_name
from auditor.manifests.limits import DEFAULT_LIMITS
from auditor.reports.check.interface import NotEvaluated, Skipped

STANDARD_INPUT = "-"
_AROUND = ("kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml")
_WORD = b"apiVersion"
_CHUNK_BYTES = 1024 * 1024
_SEARCHED_BYTES = 1024 * _CHUNK_BYTES
"""How much of a file that is too large to be read is searched for the word that makes it a manifest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InputFile:
    """A file to be read.

    `path` is as the user named it (or its folder), as text that can be shown. `spot` is the whole path without links,
    from the file system's root, with which the files of one check lie in one tree. `place` is from the repository's
    root, '' outside. `named` is True where the user named the file itself; `content` is set where it is on no disk.
    """

    path: str
    spot: str
    place: str
    named: bool = False
    content: bytes | None = None

    def open(self) -> BinaryIO:
        """The content as a file, to be closed by the caller. Raises OSError."""
        if self.content is not None:
            return io.BytesIO(self.content)
        # A link or a pipe that has come since the files were listed is neither followed nor waited for.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(f"/{self.spot}", flags)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "not a regular file")
        return os.fdopen(descriptor, "rb")

    def read(self) -> bytes:
        """The content; of a file over the limit its beginning, and that it speaks of an apiVersion where it does.

        So a file of any size is refused for what it is, within bounded memory. Raises OSError.
        """
        with self.open() as file:
            head = file.read(DEFAULT_LIMITS.blob_bytes + 1)
            is_whole = len(head) <= DEFAULT_LIMITS.blob_bytes
            if is_whole or _WORD in head or not _is_said(file, head[-len(_WORD) :]):
                return head
            return head + b"\n" + _WORD


def _is_said(file: BinaryIO, before: bytes) -> bool:
    """True where the rest of a file holds the word, or is larger than is searched."""
    for _ in range(_SEARCHED_BYTES // _CHUNK_BYTES):
        chunk = file.read(_CHUNK_BYTES)
        if not chunk:
            return False
        if _WORD in before + chunk:
            return True
        before = chunk[-len(_WORD) :]
    return True


@dataclass(kw_only=True, slots=True)
class Inputs:
    """The files to be read, once each, sorted by path; and what stands beside them and is not read."""

    files: list[InputFile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    errors: list[NotEvaluated] = field(default_factory=list)
    excluded: int = 0


def repository_root(paths: Sequence[Path]) -> Path | None:
    """The folder of the repository that the first path is in; None where it is in none."""
    start = paths[0].resolve() if paths and str(paths[0]) != STANDARD_INPUT else Path.cwd()
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    return None


def inputs(
    paths: Sequence[Path],
    *,
    root: Path,
    excluded: Callable[[str], bool] = lambda path: False,
    standard_input: bytes = b"",
    standard_name: str = "",
) -> Inputs:
    """Every file that may hold resources. A folder's links and `.git` are not followed.

    `excluded` says of a path of the repository that the operator keeps it out: a named one is skipped, those of a folder
    are counted. Raises UsageError for a path that does not exist or is neither file nor folder.
    """
    read = Inputs()
    found: dict[str, InputFile] = {}
    for path in paths:
        if str(path) == STANDARD_INPUT:
            entries: Iterable[InputFile] = [_standard(standard_input, standard_name, root)]
        else:
            entries = _files_of(path, root, read)
        for entry in entries:
            if not (entry.place and excluded(entry.place)):
                found.setdefault(entry.spot, entry)
            elif entry.named:
                reason = "kept out by `exclude` in the configuration"
                read.skipped.append(Skipped(path=entry.path, resource="", reason=reason, place=entry.place))
            else:
                read.excluded += 1
    read.files = sorted(found.values(), key=lambda entry: entry.path)
    return read


def _standard(content: bytes, name: str, root: Path) -> InputFile:
    if not name:
        return InputFile(path="<stdin>", spot="\0stdin", place="", named=True, content=content)
    whole = Path(name).resolve()
    return InputFile(
        path=shown(Path(name)),
        spot=spot_of(whole),
        place=place_of(whole, root),
        named=True,
        content=content,
    )


def _files_of(path: Path, root: Path, read: Inputs) -> Iterator[InputFile]:
    try:
        whole = path.resolve()
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{path} cannot be looked up: {error}") from error
    if path.is_dir():
        place, spot = place_of(whole, root), spot_of(whole)
        inside = whole == root or bool(place)
        try:
            tree = FolderTree(path, tolerant=True)
        except ManifestError as error:
            raise UsageError(error.message, hint=error.hint) from error
        before = shown(path / "x")[:-1]  # a Path for each file costs more than reading a short one
        for name in tree.paths():
            if is_readable_name(name):
                yield InputFile(
                    path=before + _as_text(name),
                    spot=f"{spot}/{name}" if spot else name,
                    place=(f"{place}/{name}" if place else name) if inside else "",
                )
        for entry in tree.passed_over:
            if entry.is_folder or is_readable_name(entry.path):
                where = shown(path / entry.path)
                if entry.is_unknown:
                    read.errors.append(NotEvaluated(path=where, message=entry.reason))
                else:
                    read.skipped.append(Skipped(path=where, resource="", reason=entry.reason))
        return
    if not path.exists():
        raise UsageError(
            f"there is no file or folder {path}", hint="give paths of manifests, or of folders that hold them"
        )
    if not path.is_file():
        raise UsageError(f"{path} is neither a file nor a folder", hint="standard input is given as `-`")
    yield InputFile(path=shown(path), spot=spot_of(whole), place=place_of(whole, root), named=True)


def shown(path: Path) -> str:
    """A path as text in every format: what is no UTF-8 in it is replaced."""
    return _as_text(path.as_posix())


def _as_text(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def spot_of(whole: Path) -> str:
    """Where a resolved path stands, from the root of the file system."""
    return whole.as_posix().lstrip("/")


def place_of(whole: Path, root: Path) -> str:
    """Where a resolved path stands in the repository; '' for the root itself and outside."""
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) and whole != root else ""


def around(paths: Iterable[Path], known: frozenset[str]) -> Iterator[InputFile]:
    """Kustomizations and charts in the folders above what was asked for, up to the repository's top.

    They say whether a file given alone (as pre-commit does) is a patch or a chart's template. `known` are spots.
    """
    seen = set(known)
    for path in paths:
        for folder in _folders_above(path.resolve()):
            for name in _AROUND:
                file = folder / name
                spot = spot_of(file)
                if spot not in seen and file.is_file() and not file.is_symlink():
                    seen.add(spot)
                    yield InputFile(path=shown(file), spot=spot, place="")


def _folders_above(whole: Path) -> Iterator[Path]:
    folder = whole if whole.is_dir() else whole.parent
    while True:
        yield folder
        if (folder / ".git").exists() or folder == folder.parent or folder.parent == Path(folder.anchor):
            return
        folder = folder.parent
