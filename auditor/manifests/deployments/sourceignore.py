"""Which files of a repository Flux leaves out of the artifact that it makes of it.

Behaviour: github.com/fluxcd/pkg/sourceignore 0.18: the patterns of git's ignore files, a default list before them,
`.sourceignore` of every folder, and the source's own `ignore` after them. Each file is matched by itself, so that
what is in a folder that is left out can be taken in again.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from auditor.errors import RenderError
from auditor.manifests.deployments.globbing import BadPatternError, prefix_lengths
from auditor.model import SourceTree

IGNORE_FILE = ".sourceignore"
MAX_MATCHES = 50_000_000
"""Lines of ignore files times files."""

_BY_DEFAULT = re.compile(
    r"(?:^|/)(?:(?:\.git|\.github|\.circleci)/"
    r"|(?:\.gitignore|\.gitmodules|\.gitattributes|\.travis\.yml|\.gitlab-ci\.yml|appveyor\.yml|\.drone\.yml"
    r"|cloudbuild\.yaml|codeship-services\.yml|codeship-steps\.yml|\.goreleaser\.yml|\.sops\.yaml|\.flux\.yaml"
    r"|[^/]*\.(?:jpg|jpeg|gif|png|wmv|flv|tar\.gz|zip))(?:/|\Z))"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pattern:
    """One line of an ignore file; `folder` is where the file lies ('' for the root)."""

    folder: str
    parts: tuple[str, ...]
    takes_in: bool
    folders_only: bool

    def matches(self, path: str) -> bool:
        """True where the pattern says something of the file."""
        if self.folder and not path.startswith(f"{self.folder}/"):
            return False
        names = path[len(self.folder) + 1 if self.folder else 0 :].split("/")
        if len(self.parts) > 1:
            return _matches_path(self.parts, names, folders_only=self.folders_only)
        last = len(names) - 1
        return any(
            _matches_name(self.parts[0], name) and not (self.folders_only and at == last)
            for at, name in enumerate(names)
        )


def left_out_by_default(paths: Iterable[str]) -> frozenset[str]:
    """The files that Flux takes into no artifact, unless it is told to."""
    return frozenset(path for path in paths if _BY_DEFAULT.search(path))


def left_out(tree: SourceTree, ignore: str | None) -> frozenset[str]:
    """The files of a repository that are not in its artifact; `ignore` is the source's own field. Raises RenderError
    where there is too much to match."""
    paths = list(tree.paths())
    patterns: list[_Pattern] = []
    files = [path for path in paths if posixpath.basename(path) == IGNORE_FILE]
    for path in sorted(files, key=lambda path: path.split("/")[:-1]):
        content = tree.read(path).decode("utf-8", "replace")
        patterns += _patterns(content, posixpath.dirname(path))
    patterns += _patterns(ignore or "", "")
    if len(patterns) * len(paths) > MAX_MATCHES:
        raise RenderError(
            f"its ignore files have {len(patterns)} lines for {len(paths)} files, which is too much to match",
            hint="leave folders out by one line each",
        )
    patterns.reverse()
    return frozenset(path for path in paths if _is_left_out(path, patterns))


def _is_left_out(path: str, patterns: Iterable[_Pattern]) -> bool:
    for pattern in patterns:
        if pattern.matches(path):
            return not pattern.takes_in
    return _BY_DEFAULT.search(path) is not None


def _patterns(content: str, folder: str) -> list[_Pattern]:
    lines = (line.removesuffix("\r") for line in content.split("\n"))
    return [_pattern(line, folder) for line in lines if line.strip() and not line.startswith("#")]


def _pattern(line: str, folder: str) -> _Pattern:
    takes_in = line.startswith("!")
    text = line[1:] if takes_in else line
    if not text.endswith("\\ "):
        text = text.rstrip(" ")
    folders_only = text.endswith("/")
    text = text[:-1] if folders_only else text
    return _Pattern(folder=folder, parts=tuple(text.split("/")), takes_in=takes_in, folders_only=folders_only)


def _matches_path(parts: tuple[str, ...], names: list[str], *, folders_only: bool) -> bool:
    """A pattern with a slash: from the folder on, `**` for any folders."""
    matched, anywhere, at = False, False, 0
    for number, part in enumerate(parts):
        if part == "":
            anywhere = False
        elif part == "**":
            if number == len(parts) - 1:
                break
            anywhere = True
        elif "**" in part or at >= len(names):
            return False
        elif anywhere:
            anywhere = False
            found = next(
                (index for index in range(at, len(names)) if _matches_name(part, names[index])), None
            )
            matched = found is not None
            at = found + 1 if found is not None else len(names)
        else:
            if not _matches_name(part, names[at]):
                return False
            matched = True
            at += 1
    return matched and not (folders_only and at >= len(names))


@lru_cache(maxsize=65_536)
def _matches_name(pattern: str, name: str) -> bool:
    try:
        return len(name) in prefix_lengths(pattern, name)
    except BadPatternError:
        return False
