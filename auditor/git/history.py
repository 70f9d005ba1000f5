"""The history: which commits there are, in which order they landed, and what each changed.

pydriller gives the commits; one `git log --raw -z` gives every change, merges against their first
parent (pydriller's `modified_files` is empty on merges, which would hide what a merge changes by itself).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO

from auditor.errors import GitError, IncompleteHistoryError
from auditor.git.actors import ActorRule, actor_kind, pull_request
from auditor.git.blobs import ObjectReader
from auditor.git.driller import claims_of, opened, walk
from auditor.git.mirror import FETCH_LIMIT_S, Mirror
from auditor.git.names import path_text
from auditor.git.objects import RawCommit, parse_commit
from auditor.model import ActorKind, ChangeKind, Commit, FileChange, Identity

_KINDS = {
    b"A": ChangeKind.ADDED,
    b"M": ChangeKind.MODIFIED,
    b"T": ChangeKind.MODIFIED,
    b"D": ChangeKind.DELETED,
    b"R": ChangeKind.RENAMED,
    b"C": ChangeKind.ADDED,
}
_READ_SIZE = 1 << 18
FEW = 32
"""New commits up to which the raw objects alone are read, which say the same: importing pydriller takes longer."""
_AT_A_TIME = 256
"""Commits read together: asking git for one at a time waits for its answer 31,000 times."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Skeleton:
    """The shape of what is new: parents by sha, and the first-parent chain oldest first.

    `start` is the position of the chain's first commit, 0 where everything is new. `landed_in` names
    for each commit the landing commit that brought it in.
    """

    parents: dict[str, tuple[str, ...]]
    chain: tuple[str, ...]
    start: int
    landed_in: dict[str, str]


def read_skeleton(mirror: Mirror, *, after: str = "", start: int = 0) -> Skeleton:
    """The commits reachable from the tip and not from `after` (all of them by default)."""
    span = [mirror.tip] + ([f"^{after}"] if after else [])
    listing = mirror.git.run(
        "rev-list", "--parents", *span, repository=mirror.path, time_limit_s=FETCH_LIMIT_S
    )
    parents = {}
    for line in listing.decode("ascii").splitlines():
        sha, *rest = line.split(" ")
        parents[sha] = tuple(rest)
    chain = []
    at = mirror.tip
    while at in parents:
        chain.append(at)
        at = parents[at][0] if parents[at] else ""
    chain.reverse()
    return Skeleton(parents=parents, chain=tuple(chain), start=start, landed_in=_landed_in(parents, chain))


def is_on_chain(mirror: Mirror, sha: str) -> bool:
    """True where `sha` is on the first-parent chain of the tip, so that what landed after it is a suffix."""
    listing = mirror.git.run(
        "rev-list", "--first-parent", mirror.tip, repository=mirror.path, time_limit_s=FETCH_LIMIT_S
    )
    return sha.encode("ascii") in listing.split()


def is_ancestor(mirror: Mirror, sha: str) -> bool:
    """True where the tip descends from `sha` (or is it)."""
    try:
        mirror.git.run("merge-base", "--is-ancestor", sha, mirror.tip, repository=mirror.path)
    except GitError:
        return False
    return True


def _landed_in(parents: dict[str, tuple[str, ...]], chain: Sequence[str]) -> dict[str, str]:
    landed = {sha: sha for sha in chain}
    for sha in chain:
        waiting = list(parents[sha][1:])
        while waiting:
            side = waiting.pop()
            if side in landed or side not in parents:
                continue
            landed[side] = sha
            waiting.extend(parents[side])
    return landed


def read_changes(mirror: Mirror, skeleton: Skeleton, *, after: str = "") -> Iterator[FileChange]:
    """Every file change of every new commit against its first parent, newest commit first.

    Renames are found as git finds them by default (50 %, its own limit on candidates).
    """
    landed = frozenset(skeleton.chain)
    texts: dict[bytes, str] = {b"0" * 40: "", b"0" * 64: ""}

    def text(raw: bytes) -> str:
        """The same modes, ids and paths come again and again: one object each saves half the memory."""
        known = texts.get(raw)
        if known is None:
            known = texts[raw] = path_text(raw)
        return known

    span = [mirror.tip] + ([f"^{after}"] if after else [])
    arguments = (
        "log",
        "--raw",
        "-z",
        "--no-abbrev",
        "-M",
        "-m",
        "--diff-merges=first-parent",
        "--format=%H",
        *span,
    )
    with mirror.git.stream(*arguments, repository=mirror.path) as process:
        assert process.stdout is not None  # noqa: S101 - opened as a pipe
        tokens = _tokens(process.stdout)
        sha = ""
        for token in tokens:
            token = token.lstrip(b"\n")
            if not token.startswith(b":"):
                if token:
                    sha = token.decode("ascii")
                continue
            old_mode, new_mode, old_blob, new_blob, status = token[1:].split(b" ")
            kind = _KINDS.get(status[:1], ChangeKind.MODIFIED)
            old_path = path = text(next(tokens))
            if status[:1] in (b"R", b"C"):
                path = text(next(tokens))
            yield FileChange(
                sha=sha,
                path=path,
                old_path=old_path if old_path != path and kind is ChangeKind.RENAMED else "",
                change=kind,
                old_blob=text(old_blob),
                new_blob=text(new_blob),
                old_mode="" if kind is ChangeKind.ADDED else text(old_mode),
                new_mode="" if kind is ChangeKind.DELETED else text(new_mode),
                landed=sha in landed,
            )


def _tokens(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(_READ_SIZE):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


def read_commits(
    mirror: Mirror, skeleton: Skeleton, *, after: str = "", actors: Sequence[ActorRule] = ()
) -> Iterator[Commit]:
    """Every new commit with its claims, as pydriller reads it, oldest first.

    Tree, signature and what pydriller cannot decode come from the raw object. Raises
    IncompleteHistoryError where pydriller's walk and git's own list are not the same commits.
    """
    positions = {sha: skeleton.start + index for index, sha in enumerate(skeleton.chain)}
    if len(skeleton.parents) <= FEW:
        yield from _read_few(mirror, skeleton, positions, actors)
        return
    seen = 0
    kinds: dict[tuple[str, str], ActorKind] = {}
    with ObjectReader(mirror.git, mirror.path) as reader, opened(mirror) as (driller, objects):
        commits = (commit for commit in walk(driller, mirror, after) if commit.hash in skeleton.parents)
        while some := list(islice(commits, _AT_A_TIME)):
            seen += len(some)
            contents = dict(reader.read_many([commit.hash for commit in some], ahead=_AT_A_TIME))
            objects.hold(contents)
            for commit in some:
                content = contents[commit.hash]
                if content is None:
                    raise IncompleteHistoryError(f"commit {commit.hash} is larger than auditor reads")
                raw = parse_commit(content)
                yield _commit(commit.hash, raw, claims_of(commit, raw), positions, actors, kinds)
    if seen != len(skeleton.parents):
        raise IncompleteHistoryError(
            f"{len(skeleton.parents)} commits are listed and {seen} could be read",
            hint="run `git fsck` in the repository",
        )


def _read_few(
    mirror: Mirror, skeleton: Skeleton, positions: dict[str, int], actors: Sequence[ActorRule]
) -> Iterator[Commit]:
    with ObjectReader(mirror.git, mirror.path) as reader:
        for sha, content in reader.read_many(reversed(skeleton.parents)):
            if content is None:
                raise IncompleteHistoryError(f"commit {sha} is larger than auditor reads")
            raw = parse_commit(content)
            yield _commit(sha, raw, (raw.author, raw.committer, raw.message), positions, actors, {})


def read_earlier(
    mirror: Mirror, shas: Iterable[str], *, actors: Sequence[ActorRule] = ()
) -> dict[str, Commit]:
    """Commits by sha that are not among the new ones, such as their parents; said as side commits, out of order."""
    found = {}
    with ObjectReader(mirror.git, mirror.path) as reader:
        for sha, content in reader.read_many(shas):
            raw = parse_commit(content or b"")
            found[sha] = _commit(sha, raw, (raw.author, raw.committer, raw.message), {}, actors, {})
    return found


def _commit(
    sha: str,
    raw: RawCommit,
    claims: tuple[Identity, Identity, str],
    positions: dict[str, int],
    actors: Sequence[ActorRule],
    kinds: dict[tuple[str, str], ActorKind],
) -> Commit:
    author, committer, message = claims
    subject, _, body = message.strip().partition("\n")
    subject, body = subject.rstrip(), body.strip("\r\n")
    kind = kinds.get((author.name, author.email))
    if kind is None:
        kind = kinds[author.name, author.email] = actor_kind(author, committer, actors)
    return Commit(
        sha=sha,
        tree=raw.tree,
        parents=raw.parents,
        author=author,
        committer=committer,
        subject=subject,
        body=body,
        landed=sha in positions,
        position=positions.get(sha),
        actor_kind=kind,
        pull_request=pull_request(subject, body),
        signature_format=raw.signature_format,
        signature_status="unchecked" if raw.signature_format else "none",
        signer="",
    )
