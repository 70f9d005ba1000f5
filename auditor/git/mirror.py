"""A private bare mirror of the audited repository: the only repository that is ever opened.

The user's clone is read once per scan through `upload-pack` and never written; a read-only mount works.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from auditor.errors import GitError, UsageError
from auditor.git.command import Git
from auditor.git.importing import import_objects, take_refs
from auditor.git.names import path_text

FETCH_LIMIT_S = 3600.0
_URL = re.compile(r"^(https|ssh|file)://|^[\w.-]+@[\w.-]+:", re.IGNORECASE)
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
        parts = [part for part in path.rstrip("/").removesuffix(".git").split("/") if part]
        return "/".join(parts[-2:]) or location
    folder = Path(location).resolve()
    if folder.name == ".git":
        folder = folder.parent
    return path_text(os.fsencode(folder.name)).removesuffix(".git") or "repository"


def mirror_folder(state: Path, location: str) -> Path:
    """Where the mirror of a recorded location is, in the state folder."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", repository_name(location))[:100]
    return state / "mirrors" / f"{name}-{_short_digest(location)}.git"


def update_mirror(location: str, state: Path, *, revision: str = "") -> Mirror:
    """Brings the mirror of `location` (a path or an https, ssh or file URL) in `state` up to date.

    `revision` is a branch, a tag or a sha; by default what the repository's HEAD is on. Raises
    UsageError for what is no repository or no such revision, GitError where it cannot be read; the mirror is
    then as it was before.
    """
    source = _source(location)
    folder = mirror_folder(state, source.shown)
    draft = folder.with_suffix(".new")
    git = Git(state, safe=(folder, draft, *source.folders))
    try:
        with _sole_use(folder):
            _bring_up_to_date(git, folder, draft, source)
        head = _head_branch(git, source.address)
        tip, found = _resolve(git, folder, revision or head, source.shown)
        lacks = _what_is_missing(git, folder, source)
    except (GitError, UsageError) as error:
        raise type(error)(source.scrubbed(error.message), hint=error.hint) from None
    return Mirror(
        git=git,
        path=folder,
        name=repository_name(source.shown),
        location=source.shown,
        revision=path_text(os.fsencode(found)),
        tip=tip,
        lacks=lacks,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """What git fetches from, what of it is shown and recorded, and the local folders that git may read."""

    address: str
    shown: str
    folders: tuple[Path, ...] = ()

    def scrubbed(self, text: str) -> str:
        """git's words without the user, password, query and fragment of the address."""
        parts = urlsplit(self.address) if "://" in self.address else None
        if parts is None or self.folders:
            return text
        user = parts.netloc.rpartition("@")[0]
        secrets = [f"{user}@" if user else "", parts.password or "", parts.query, parts.fragment]
        for secret in filter(None, secrets):
            text = text.replace(secret, "").replace(unquote(secret), "")
        return text


@contextmanager
def _sole_use(folder: Path) -> Iterator[None]:
    """Waits until no other command brings the same mirror up to date."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bring_up_to_date(git: Git, folder: Path, draft: Path, source: _Source) -> None:
    """Fetches into the mirror; into a new one where the old one is damaged or was made of a shallow clone.

    What was cut off then may be there now, and git does not deepen through a plain fetch.
    """
    usable = (folder / "HEAD").is_file() and not (folder / "shallow").exists()
    if usable:
        # Nobody else writes here, so a lock is what a killed process left.
        for stale in folder.rglob("*.lock"):
            stale.unlink()
        try:
            _fetch(git, folder, source)
        except GitError:
            usable = False
    if usable:
        return
    try:
        _make(git, draft, source)
        if folder.exists():
            shutil.rmtree(folder)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _make(git: Git, draft: Path, source: _Source) -> None:
    """A new mirror. Of a local repository the packs are taken as they are; what that left out is fetched."""
    _init(git, draft)
    if source.folders:
        is_whole = import_objects(git, draft, source.folders, time_limit_s=FETCH_LIMIT_S)
        if is_whole is None:
            _init(git, draft)
        elif is_whole:
            # Where they have moved meanwhile, none is set, and the fetch looks at everything.
            with suppress(GitError):
                take_refs(git, draft, source.address, time_limit_s=FETCH_LIMIT_S)
    # It looks at all objects that are reached from the source's refs and not from refs that are here.
    _fetch(git, draft, source)


def _init(git: Git, draft: Path) -> None:
    shutil.rmtree(draft, ignore_errors=True)
    git.run("init", "--quiet", "--bare", "--template=", str(draft))


def _source(location: str) -> _Source:
    if _FORBIDDEN.match(location):
        raise UsageError(
            f"{_without_credentials(location)!r} uses a transport that auditor does not use",
            hint="give a local path, or an https:// or ssh:// address",
        )
    if _URL.match(location) and not location.lower().startswith("file://"):
        return _Source(address=location, shown=_without_credentials(location))
    path = unquote(location[len("file://") :]) if location.lower().startswith("file://") else location
    folder = Path(path).expanduser().resolve()
    if not folder.exists():
        raise UsageError(
            f"there is no repository at {_without_credentials(path)}",
            hint="give the path or the address of a git repository",
        )
    if not (folder / ".git").exists() and not (folder / "HEAD").is_file():
        raise UsageError(
            f"{folder} is not a git repository (nor the top of one)",
            hint="give the folder that holds .git; for plain files there is `auditor check`",
        )
    raw = os.fsencode(folder)
    # An address and not a path: git takes `%` in it for an escape, so what it could misread is escaped.
    return _Source(address=f"file://{quote(raw)}", shown=path_text(raw), folders=_git_folders(folder))


def _git_folders(folder: Path) -> tuple[Path, ...]:
    """The folder and where its git data is: a linked worktree and a submodule point there from a file."""
    found = [folder, folder / ".git"]
    if (folder / ".git").is_file():
        pointer = (folder / ".git").read_bytes().partition(b"gitdir:")[2].strip()
        own = (folder / os.fsdecode(pointer)).resolve()
        found.append(own)
        if (own / "commondir").is_file():
            found.append((own / os.fsdecode((own / "commondir").read_bytes().strip())).resolve())
    return tuple(found)


def _fetch(git: Git, folder: Path, source: _Source) -> None:
    try:
        git.run(
            "fetch",
            "--quiet",
            "--prune",
            "--update-shallow",
            "--no-write-fetch-head",
            "--no-tags",
            source.address,
            "+refs/heads/*:refs/heads/*",
            "+refs/tags/*:refs/tags/*",
            "+HEAD:refs/auditor/HEAD",
            repository=folder,
            time_limit_s=FETCH_LIMIT_S,
        )
    except GitError as error:
        if "couldn't find remote ref HEAD" in error.message:
            raise UsageError(f"{source.shown} has no commit yet", hint="commit something first") from error
        hint = "check the address, your access to it, and `git fsck` in it; nothing was recorded"
        if _has_grafts(source):
            hint = "it has grafts, which hide or invent parents: take .git/info/grafts away; nothing was recorded"
        # `from None`: git's own words, which may repeat a credential of the address, are in no traceback.
        raise GitError(f"{source.shown} cannot be read: {error.message}", hint=hint) from None


def _head_branch(git: Git, address: str) -> str:
    """The branch that the source's HEAD is on, '' where HEAD is detached."""
    answer = git.run("ls-remote", "--symref", address, "HEAD", time_limit_s=FETCH_LIMIT_S)
    match = re.search(rb"^ref: refs/heads/(\S+)\tHEAD$", answer, re.M)
    return os.fsdecode(match[1]) if match else ""


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


def _what_is_missing(git: Git, folder: Path, source: _Source) -> tuple[str, ...]:
    lacks = []
    if (folder / "shallow").exists():
        lacks.append(
            "the repository is a shallow clone: older commits are missing (`git fetch --unshallow` in it)"
        )
    if _has_grafts(source):
        lacks.append("the repository has grafts, which hide or invent parents")
    replaced = git.run("ls-remote", source.address, "refs/replace/*", time_limit_s=FETCH_LIMIT_S)
    if b"refs/replace/" in replaced:
        lacks.append(
            "the repository has replace refs; the replaced objects were audited, not their replacements"
        )
    return tuple(lacks)


def _has_grafts(source: _Source) -> bool:
    return any((git_folder / "info" / "grafts").is_file() for git_folder in source.folders)


def _without_credentials(location: str) -> str:
    if "://" not in location:
        return re.sub(r"^[^/@]*:[^/@]*@", "", location)
    parts = urlsplit(location)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _short_digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
