"""A private bare mirror of the audited repository: the only repository that is ever opened.

The user's clone is read once per scan through `upload-pack` and never written; a read-only mount works.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from auditor.errors import GitError, UsageError
from auditor.git.command import Git

FETCH_LIMIT_S = 3600.0
_URL = re.compile(r"^(https|ssh|file)://|^[\w.-]+@[\w.-]+:")
_FORBIDDEN = re.compile(r"^(\w+)::|^(ext|http|git|ftp)://", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """The mirror at `path`; `name` is the repository's name in the trail, `location` where it came from.

    `tip` is the audited commit, `revision` the branch or the ref that was asked for, `lacks` why the
    history is not whole (empty when it is).
    """

    git: Git
    path: Path
    name: str
    location: str
    revision: str
    tip: str
    lacks: tuple[str, ...]


def repository_name(location: str) -> str:
    """The short name of a repository: 'owner/name' of a URL, the folder's name of a path."""
    if _URL.match(location):
        path = urlsplit(location).path if "://" in location else location.partition(":")[2]
        parts = [part for part in path.removesuffix(".git").split("/") if part]
        return "/".join(parts[-2:]) or location
    folder = Path(location).resolve()
    if folder.name == ".git":
        folder = folder.parent
    return folder.name.removesuffix(".git") or "repository"


def mirror_folder(state: Path, location: str) -> Path:
    """Where the mirror of a recorded location is, in the state folder."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", repository_name(location))
    return state / "mirrors" / f"{name}-{_short_digest(location)}.git"


def update_mirror(location: str, state: Path, *, revision: str = "") -> Mirror:
    """Brings the mirror of `location` (a path or an https, ssh or file URL) in `state` up to date.

    `revision` is a branch, a tag or a sha; by default what the repository's HEAD is on. Raises
    UsageError for what is no repository or no such revision, GitError where it cannot be read.
    """
    source, shown, safe = _source(location)
    name = repository_name(location)
    folder = mirror_folder(state, shown)
    git = Git(state, safe=(folder, *safe))
    if (folder / "shallow").exists():
        # What was cut off then may be there now, and git does not deepen through a plain fetch.
        shutil.rmtree(folder)
    if not (folder / "HEAD").exists():
        folder.mkdir(parents=True, exist_ok=True)
        git.run("init", "--quiet", "--bare", "--template=", str(folder))
    _fetch(git, folder, source, shown)
    head = _head_branch(git, source)
    tip, found = _resolve(git, folder, revision or head, shown)
    return Mirror(
        git=git,
        path=folder,
        name=name,
        location=shown,
        revision=found,
        tip=tip,
        lacks=_what_is_missing(git, folder, source),
    )


def _source(location: str) -> tuple[str, str, tuple[Path, ...]]:
    """(what git fetches from, what is shown and recorded, folders that git may read)."""
    if _FORBIDDEN.match(location):
        raise UsageError(
            f"{_without_credentials(location)!r} uses a transport that auditor does not use",
            hint="give a local path, or an https:// or ssh:// address",
        )
    if _URL.match(location) and not location.startswith("file://"):
        return location, _without_credentials(location), ()
    folder = Path(location.removeprefix("file://")).expanduser().resolve()
    if not folder.exists():
        raise UsageError(
            f"there is no repository at {folder}", hint="give the path or the address of a git repository"
        )
    git_folder = folder / ".git"
    if not git_folder.exists() and not (folder / "HEAD").is_file():
        raise UsageError(
            f"{folder} is not a git repository (nor the top of one)",
            hint="give the folder that holds .git; for plain files there is `auditor check`",
        )
    return f"file://{folder}", str(folder), (folder, git_folder)


def _fetch(git: Git, folder: Path, source: str, shown: str) -> None:
    try:
        git.run(
            "fetch",
            "--quiet",
            "--prune",
            "--update-shallow",
            "--no-write-fetch-head",
            "--no-tags",
            source,
            "+refs/heads/*:refs/heads/*",
            "+refs/tags/*:refs/tags/*",
            "+HEAD:refs/auditor/HEAD",
            repository=folder,
            time_limit_s=FETCH_LIMIT_S,
        )
    except GitError as error:
        if "couldn't find remote ref HEAD" in error.message:
            raise UsageError(f"{shown} has no commit yet", hint="commit something first") from error
        raise GitError(
            f"{shown} cannot be read: {error.message}",
            hint="check the address, your access to it, and `git fsck` in it; nothing was recorded",
        ) from error


def _head_branch(git: Git, source: str) -> str:
    """The branch that the source's HEAD is on, '' where HEAD is detached."""
    answer = git.run("ls-remote", "--symref", source, "HEAD", time_limit_s=FETCH_LIMIT_S)
    match = re.search(rb"^ref: refs/heads/(\S+)\tHEAD$", answer, re.M)
    return match[1].decode("utf-8", "replace") if match else ""


def _resolve(git: Git, folder: Path, revision: str, shown: str) -> tuple[str, str]:
    candidates = (
        ["refs/auditor/HEAD"] if not revision else [f"refs/heads/{revision}", f"refs/tags/{revision}"]
    )
    if re.fullmatch(r"[0-9a-f]{7,64}", revision):
        candidates.append(revision)
    elif revision.startswith("refs/"):
        candidates.insert(0, revision)
    elif revision in ("HEAD", "@"):
        candidates = ["refs/auditor/HEAD"]
    for candidate in candidates:
        try:
            sha = git.run(
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"{candidate}^{{commit}}",
                repository=folder,
            )
        except GitError:
            continue
        return sha.decode().strip(), revision or "HEAD"
    raise UsageError(f"{shown} has no branch, tag or commit {revision!r}", hint="name one with --rev")


def _what_is_missing(git: Git, folder: Path, source: str) -> tuple[str, ...]:
    lacks = []
    if (folder / "shallow").exists():
        lacks.append(
            "the repository is a shallow clone: older commits are missing (`git fetch --unshallow` in it)"
        )
    if source.startswith("file://"):
        root = Path(source.removeprefix("file://"))
        for git_folder in (root / ".git", root):
            if (git_folder / "info" / "grafts").is_file():
                lacks.append("the repository has grafts, which hide or invent parents")
    if b"refs/replace/" in git.run("ls-remote", source, "refs/replace/*", time_limit_s=FETCH_LIMIT_S):
        lacks.append(
            "the repository has replace refs; the replaced objects were audited, not their replacements"
        )
    return tuple(lacks)


def _without_credentials(location: str) -> str:
    if "://" not in location:
        return location
    parts = urlsplit(location)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _short_digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
