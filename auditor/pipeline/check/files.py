"""What is checked: files and folders as they were named, and where each stands in its repository."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import ManifestError, UsageError
from auditor.manifests.foldertree import FolderTree
from auditor.manifests.formats import is_readable_name

STANDARD_INPUT = "-"
_AROUND = ("kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml")


@dataclass(frozen=True, kw_only=True, slots=True)
class InputFile:
    """A file to be read.

    `path` is as the user named it (or its folder). `spot` is the whole path without links, from the file system's
    root, with which the files of one check lie in one tree. `place` is from the repository's root, '' outside.
    `named` is True where the user named the file itself; `content` is set where it is on no disk.
    """

    path: str
    spot: str
    place: str
    named: bool = False
    content: bytes | None = None

    def read(self) -> bytes:
        """The content. Raises OSError."""
        if self.content is not None:
            return self.content
        if self.named:
            return Path(self.path).read_bytes()
        # A link that has come since the folder was listed is not followed.
        descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as file:
            return file.read()


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
) -> list[InputFile]:
    """Every file that may hold resources, once, sorted by path. A folder's links and `.git` are not followed.

    Raises UsageError for a path that does not exist or is neither file nor folder.
    """
    found: dict[str, InputFile] = {}
    for path in paths:
        if str(path) == STANDARD_INPUT:
            entries: Iterable[InputFile] = [_standard(standard_input, standard_name, root)]
        else:
            entries = _files_of(path, root)
        for entry in entries:
            if not (entry.place and excluded(entry.place)):
                found.setdefault(entry.spot, entry)
    return sorted(found.values(), key=lambda entry: entry.path)


def _standard(content: bytes, name: str, root: Path) -> InputFile:
    if not name:
        return InputFile(path="<stdin>", spot="\0stdin", place="", named=True, content=content)
    whole = Path(name).resolve()
    return InputFile(
        path=Path(name).as_posix(),
        spot=spot_of(whole),
        place=place_of(whole, root),
        named=True,
        content=content,
    )


def _files_of(path: Path, root: Path) -> Iterator[InputFile]:
    whole = path.resolve()
    if path.is_dir():
        place, spot = place_of(whole, root), spot_of(whole)
        inside = whole == root or bool(place)
        try:
            tree = FolderTree(path)
        except ManifestError as error:
            raise UsageError(error.message, hint=error.hint) from error
        for name in tree.paths():
            if is_readable_name(name):
                yield InputFile(
                    path=(path / name).as_posix(),
                    spot=f"{spot}/{name}" if spot else name,
                    place=(f"{place}/{name}" if place else name) if inside else "",
                )
        return
    if not path.exists():
        raise UsageError(
            f"there is no file or folder {path}", hint="give paths of manifests, or of folders that hold them"
        )
    if not path.is_file():
        raise UsageError(f"{path} is neither a file nor a folder")
    yield InputFile(path=path.as_posix(), spot=spot_of(whole), place=place_of(whole, root), named=True)


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
                    yield InputFile(path=file.as_posix(), spot=spot, place="")


def _folders_above(whole: Path) -> Iterator[Path]:
    folder = whole if whole.is_dir() else whole.parent
    while True:
        yield folder
        if (folder / ".git").exists() or folder == folder.parent or folder.parent == Path(folder.anchor):
            return
        folder = folder.parent
