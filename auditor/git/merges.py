"""Merges made again: what stands in a merge commit that merging its parents does not give.

`git merge-tree --write-tree` (git 2.38 and newer) merges without a work tree, and by default strategy alone: the
repository's attributes are not read in a bare repository, and a merge driver would have to be in a configuration,
which is ours. It writes objects; they go to a folder that is thrown away, over the mirror's objects.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from auditor.errors import GitError
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import FETCH_LIMIT_S, Mirror
from auditor.git.names import path_text
from auditor.git.resolutions import resolution
from auditor.model import Commit


@dataclass(frozen=True, kw_only=True, slots=True)
class MergeDifference:
    """A path of a merge that is not as merging gives it; `why` in words."""

    path: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RemadeMerge:
    """A merge held against its parents; `error` says why it could not be made again ('' where it was)."""

    differences: tuple[MergeDifference, ...] = ()
    error: str = ""


def remake_merges(
    mirror: Mirror, merges: Sequence[Commit], known: Mapping[str, Commit]
) -> dict[str, RemadeMerge]:
    """By sha, what each merge holds beyond its parents. `known` are commits by sha, for shortcuts.

    Many merges take one process. A merge that git could have fast-forwarded needs none: it is the second parent's
    tree. One that cannot be made again (a parent is missing) has its error, and the others have their answer.
    """
    found: dict[str, RemadeMerge] = {}
    asked = []
    for merge in merges:
        if _is_fast_forward(merge, known):
            found[merge.sha] = RemadeMerge()
        else:
            asked.append(merge)
    if not asked:
        return found
    with _scratch(mirror) as scratch:
        pairs = [merge for merge in asked if len(merge.parents) == 2]
        trials = _try(mirror, scratch, [merge.parents for merge in pairs], ())
        for merge, trial in zip(pairs, trials, strict=True):
            found[merge.sha] = _compared(mirror, scratch, merge, trial)
        for merge in asked:
            if len(merge.parents) > 2:
                found[merge.sha] = _octopus(mirror, scratch, merge)
    return found


@dataclass(frozen=True, slots=True)
class _Trial:
    """What git made of two commits: a tree, and of each conflicted path the blobs by stage (1 base, 2 ours, 3 theirs)."""

    tree: str
    conflicts: Mapping[str, Mapping[int, tuple[str, str]]] = field(default_factory=dict)
    error: str = ""


def _is_fast_forward(merge: Commit, known: Mapping[str, Commit]) -> bool:
    """The second parent builds on the first and its tree is the merge's: nothing was there to be merged."""
    if len(merge.parents) != 2:
        return False
    second = known.get(merge.parents[1])
    return second is not None and second.tree == merge.tree and merge.parents[0] in second.parents


def _try(
    mirror: Mirror, scratch: Path, pairs: Sequence[Sequence[str]], options: Sequence[str]
) -> list[_Trial]:
    """One answer a pair: all of them by one process, and where that gives up, each by its own."""
    if not pairs:
        return []
    try:
        return _run(mirror, scratch, pairs, options)
    except GitError as error:
        if len(pairs) == 1:
            return [_Trial("", error=error.message)]
    trials = []
    for pair in pairs:
        trials += _try(mirror, scratch, [pair], options)
    return trials


def _run(
    mirror: Mirror, scratch: Path, pairs: Sequence[Sequence[str]], options: Sequence[str]
) -> list[_Trial]:
    lines = "".join(f"{ours} {theirs}\n" for ours, theirs in pairs)
    output = mirror.git.run(
        *options,
        "merge-tree",
        "--write-tree",
        "--no-messages",
        "--allow-unrelated-histories",
        "-z",
        "--stdin",
        repository=scratch,
        stdin=lines.encode("ascii"),
        time_limit_s=FETCH_LIMIT_S,
    )
    tokens = output.split(b"\0")
    trials = []
    at = 0
    while at < len(tokens) - 1:
        trial, at = _answer(tokens, at)
        trials.append(trial)
    if len(trials) != len(pairs):
        raise GitError(f"git merge-tree answered {len(trials)} of {len(pairs)} merges")
    return trials


def _answer(tokens: Sequence[bytes], at: int) -> tuple[_Trial, int]:
    """One answer from `at` on, and where the next begins (git-merge-tree(1), OUTPUT, with -z, --stdin, no messages):
    `1` for clean or `0`, the tree, and the conflicted files up to an empty token."""
    tree = tokens[at + 1].decode("ascii")
    at += 2
    conflicts: dict[str, dict[int, tuple[str, str]]] = {}
    while tokens[at]:
        meta, _, path = tokens[at].partition(b"\t")
        mode, blob, stage = meta.decode("ascii").split(" ")
        conflicts.setdefault(path_text(path), {})[int(stage)] = (mode, blob)
        at += 1
    return _Trial(tree, conflicts), at + 1


def _octopus(mirror: Mirror, scratch: Path, merge: Commit) -> RemadeMerge:
    """One parent after the other, as git's octopus strategy does, which gives up on the first conflict."""
    ours = merge.parents[0]
    trial = _Trial("")
    for theirs in merge.parents[1:]:
        (trial,) = _try(mirror, scratch, [(ours, theirs)], ())
        if trial.error:
            return RemadeMerge(error=trial.error)
        if trial.conflicts:
            break
        ours = _commit_of(mirror, scratch, trial.tree, (ours, theirs))
    if trial.conflicts:
        why = "its parents conflict, which git does not merge in one step: somebody made this tree"
        return RemadeMerge(differences=(MergeDifference(path=sorted(trial.conflicts)[0], why=why),))
    return _compared(mirror, scratch, merge, trial)


def _commit_of(mirror: Mirror, scratch: Path, tree: str, parents: Sequence[str]) -> str:
    identity = (
        "-c",
        "user.name=auditor",
        "-c",
        "user.email=auditor@localhost",
        "-c",
        "user.useConfigOnly=false",
    )
    named = [part for parent in parents for part in ("-p", parent)]
    output = mirror.git.run(*identity, "commit-tree", tree, *named, "-m", "octopus", repository=scratch)
    return output.decode("ascii").strip()


def _compared(mirror: Mirror, scratch: Path, merge: Commit, trial: _Trial) -> RemadeMerge:
    if trial.error:
        return RemadeMerge(error=trial.error)
    if trial.tree == merge.tree:
        return RemadeMerge()
    differences = _differences(mirror, scratch, merge, trial)
    if differences and len(merge.parents) == 2 and _made_otherwise(mirror, scratch, merge):
        return RemadeMerge()
    return RemadeMerge(differences=tuple(differences))


def _made_otherwise(mirror: Mirror, scratch: Path, merge: Commit) -> bool:
    """Whether a forge that follows renames less than git does would have made exactly this tree."""
    for options in (
        ("-c", "merge.directoryRenames=false"),
        ("-c", "merge.directoryRenames=true"),
        ("-c", "merge.renames=false"),
    ):
        (trial,) = _try(mirror, scratch, [merge.parents], options)
        if not trial.error and not trial.conflicts and trial.tree == merge.tree:
            return True
    return False


def _differences(mirror: Mirror, scratch: Path, merge: Commit, trial: _Trial) -> list[MergeDifference]:
    try:
        listing = mirror.git.run(
            "diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", trial.tree, merge.tree, repository=scratch
        )
    except GitError as error:
        return [MergeDifference(path="", why=f"it cannot be compared: {error.message}")]
    tokens = listing.split(b"\0")
    found = []
    with ObjectReader(mirror.git, scratch) as reader:
        for meta, raw_path in zip(tokens[::2], tokens[1::2], strict=False):
            old_mode, new_mode, old, new, status = meta.lstrip(b":").decode("ascii").split(" ")
            path = path_text(raw_path)
            stages = trial.conflicts.get(path)
            if stages is None:
                if not _belongs_to_a_conflict(path, trial.conflicts):
                    found.append(
                        MergeDifference(path=path, why=_WORDS.get(status[:1], "it differs") + _NEITHER)
                    )
                continue
            made = (new_mode, new) if status != "D" else None
            auto = (old_mode, old) if status != "A" else None
            why = resolution(made, auto, stages, reader)
            if why:
                found.append(MergeDifference(path=path, why=why))
    return found


_WORDS = {"A": "it was added", "D": "it was removed", "M": "it was changed", "T": "its kind was changed"}
_NEITHER = ", which merging the two sides does not do"


def _belongs_to_a_conflict(path: str, conflicts: Mapping[str, object]) -> bool:
    """A file in the way of a folder is written beside it, as `path~branch`."""
    return any(path.startswith((f"{name}~", f"{name}/")) for name in conflicts)


@contextmanager
def _scratch(mirror: Mirror) -> Iterator[Path]:
    """A bare repository over the mirror's objects whose own objects are thrown away."""
    with tempfile.TemporaryDirectory(prefix="auditor-merges-") as folder:
        scratch = Path(folder) / "scratch.git"
        for name in ("objects/info", "refs/heads"):
            (scratch / name).mkdir(parents=True)
        (scratch / "HEAD").write_text("ref: refs/heads/none\n")
        (scratch / "config").write_text("[core]\n\tbare = true\n\trepositoryformatversion = 0\n")
        (scratch / "objects/info/alternates").write_text(f"{mirror.path.absolute() / 'objects'}\n")
        yield scratch
