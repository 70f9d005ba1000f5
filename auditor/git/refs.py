"""Where branches and tags point, what became of them since they were last seen, and which commits they lost.

git itself keeps no record of what a ref pointed at: that a branch was rewritten is seen only by whoever wrote
down where it was. What is lost from every ref stays readable in the mirror, which never collects garbage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from auditor.errors import GitError
from auditor.git.mirror import FETCH_LIMIT_S, Mirror
from auditor.git.names import path_text
from auditor.model import RefMove, RefObservation

BRANCHES = "refs/heads/"
TAGS = "refs/tags/"
KEPT = "refs/auditor/kept/"
"""Refs of ours in the mirror, outside of what a fetch prunes."""

_EVERY_REF = (f"--glob={BRANCHES}*", f"--glob={TAGS}*", "refs/auditor/HEAD")
_MOST_TO_ASK_FOR_A_BASE = 64
"""Tips of which a common base is looked for, before the whole history is read instead."""


def read_refs(mirror: Mirror) -> dict[str, str]:
    """Branches and tags by full name with what they point at, tags peeled; as they were fetched, sorted.

    A name that is not UTF-8 is quoted as git quotes paths. A tag of something that is no commit is told too.
    """
    listing = mirror.git.run(
        "for-each-ref",
        "--format=%(objectname) %(objecttype) %(refname)",
        BRANCHES,
        TAGS,
        repository=mirror.path,
    )
    refs: dict[str, str] = {}
    tags: list[tuple[str, str]] = []
    for line in listing.splitlines():
        sha, kind, raw = line.split(b" ", 2)
        name = path_text(raw)
        refs[name] = sha.decode("ascii")
        if kind == b"tag":
            tags.append((name, refs[name]))
    # `%(*objectname)` peels once in git before 2.45, and tags of tags exist.
    for (name, _), peeled in zip(tags, _looked_up(mirror, [f"{sha}^{{}}" for _, sha in tags]), strict=True):
        refs[name] = peeled or refs[name]
    return refs


def observe(
    before: Mapping[str, str],
    now: Mapping[str, str],
    is_ancestor: Callable[[str, str], bool | None],
    *,
    seen_at: datetime,
) -> list[RefObservation]:
    """What is different between two sights of the refs, sorted by ref.

    `is_ancestor(old, new)` tells whether `new` descends from `old`, None where that cannot be told (a shallow
    source): of such a branch nothing is said, so that the next look compares with the same old commit again.
    """
    observations = []
    for ref in sorted({*before, *now}):
        old, new = before.get(ref, ""), now.get(ref, "")
        move = _move(ref, old, new, is_ancestor)
        if move is not None:
            observations.append(RefObservation(ref=ref, old_sha=old, new_sha=new, move=move, seen_at=seen_at))
    return observations


def _move(ref: str, old: str, new: str, is_ancestor: Callable[[str, str], bool | None]) -> RefMove | None:
    if old == new:
        return None
    if not old:
        return RefMove.CREATED
    if not new:
        return RefMove.DELETED
    if ref.startswith(TAGS):
        return RefMove.MOVED
    descends = is_ancestor(old, new)
    if descends is None:
        return None
    return RefMove.ADVANCED if descends else RefMove.REWRITTEN


def moved_branches(before: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, str]]:
    """(old, new) of every branch that is elsewhere now: what `descents` has to be asked."""
    return [
        (old, now[ref])
        for ref, old in before.items()
        if ref.startswith(BRANCHES) and ref in now and now[ref] != old
    ]


def renamed_to(observation: RefObservation, observations: Iterable[RefObservation]) -> tuple[str, ...]:
    """Refs made where a deleted one stood, seen at the same time: a renamed branch loses nothing."""
    if observation.move is not RefMove.DELETED:
        return ()
    kind = BRANCHES if observation.ref.startswith(BRANCHES) else TAGS
    return tuple(
        other.ref
        for other in observations
        if other.move is RefMove.CREATED
        and other.new_sha == observation.old_sha
        and other.ref.startswith(kind)
    )


def descents(mirror: Mirror, pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the (old, new) pairs where `new` descends from `old` or is it; three processes for all of them.

    A commit that a mirror of a whole history lacks is no ancestor of one that it has.
    """
    asked = set(pairs)
    here = set(existing_commits(mirror, {sha for pair in asked for sha in pair}))
    pairs_here = [(old, new) for old, new in asked if old in here and new in here]
    if not pairs_here:
        return set()
    bits = {new: 1 << index for index, new in enumerate(sorted({new for _, new in pairs_here}))}
    bases = _common_bases(mirror, sorted({sha for pair in pairs_here for sha in pair}))
    # A base is what every tip reaches, so nothing beyond it need be walked.
    reached = _reached_by(mirror, bits, bases)
    return {(old, new) for old, new in pairs_here if old in bases or reached.get(old, 0) & bits[new]}


def _reached_by(mirror: Mirror, bits: Mapping[str, int], bases: Sequence[str]) -> dict[str, int]:
    """By commit, which of the new tips reach it: masks handed from children to parents in one pass."""
    listing = mirror.git.run(
        "rev-list",
        "--topo-order",
        "--parents",
        "--stdin",
        repository=mirror.path,
        stdin="".join([f"{sha}\n" for sha in bits] + [f"^{sha}\n" for sha in bases]).encode("ascii"),
        time_limit_s=FETCH_LIMIT_S,
    )
    reached = dict(bits)
    for line in listing.decode("ascii").splitlines():
        sha, *parents = line.split(" ")
        mask = reached.get(sha, 0)
        for parent in parents:
            reached[parent] = reached.get(parent, 0) | mask
    return reached


def _common_bases(mirror: Mirror, tips: Sequence[str]) -> list[str]:
    """Commits that every tip reaches; none where there is none, or where looking costs more than it saves."""
    if len(tips) > _MOST_TO_ASK_FOR_A_BASE:
        return []
    try:
        answer = mirror.git.run(
            "merge-base", "--octopus", *tips, repository=mirror.path, time_limit_s=FETCH_LIMIT_S
        )
    except GitError:
        return []  # unrelated histories; the whole walk answers then
    return answer.decode("ascii").split()


def existing_commits(mirror: Mirror, shas: Iterable[str]) -> list[str]:
    """Those of the ids that are commits in the mirror, in their order."""
    wanted = list(shas)
    answers = _looked_up(mirror, [f"{sha}^{{commit}}" for sha in wanted])
    return [sha for sha, found in zip(wanted, answers, strict=True) if found == sha]


def unreachable_from_refs(mirror: Mirror, tips: Iterable[str]) -> list[str]:
    """Commits that the tips reach and no branch, tag or HEAD of the source does, newest first.

    Tips that the mirror has not are left out: ask `existing_commits` for them.
    """
    here = existing_commits(mirror, tips)
    if not here:
        return []
    return _rev_list(mirror, "".join(f"{sha}\n" for sha in here), "--not", *_EVERY_REF)


def reachable_from_refs(mirror: Mirror) -> set[str]:
    """Every commit that a branch, a tag or HEAD of the source reaches."""
    return set(_rev_list(mirror, "", *_EVERY_REF))


def keep(mirror: Mirror, shas: Iterable[str]) -> None:
    """Holds commits, and with them all that they reach, by refs of ours: `refs/auditor/kept/SHA`.

    Nothing collects garbage in a mirror; this holds also against a `git gc` run by hand. A mirror that is made
    anew (it was damaged, or its source shallow) has them no more.
    """
    commands = "".join(f"update {KEPT}{sha} {sha}\n" for sha in existing_commits(mirror, shas))
    if commands:
        mirror.git.run("update-ref", "--stdin", repository=mirror.path, stdin=commands.encode("ascii"))


def kept(mirror: Mirror) -> set[str]:
    """The commits that `keep` holds."""
    listing = mirror.git.run("for-each-ref", "--format=%(objectname)", KEPT, repository=mirror.path)
    return set(listing.decode("ascii").split())


def _rev_list(mirror: Mirror, stdin: str, *arguments: str) -> list[str]:
    # Revisions of the standard input come first: a `--not` on the command line is not theirs.
    listing = mirror.git.run(
        "rev-list",
        *(("--stdin",) if stdin else ()),
        *arguments,
        repository=mirror.path,
        stdin=stdin.encode("ascii"),
        time_limit_s=FETCH_LIMIT_S,
    )
    return listing.decode("ascii").split()


def _looked_up(mirror: Mirror, names: Sequence[str]) -> list[str]:
    """The object of each name, '' where there is none; one process."""
    if not names:
        return []
    answer = mirror.git.run(
        "cat-file",
        "--batch-check=%(objectname)",
        repository=mirror.path,
        stdin="".join(f"{name}\n" for name in names).encode("ascii"),
        time_limit_s=FETCH_LIMIT_S,
    )
    return ["" if b" " in line else line.decode("ascii") for line in answer.splitlines()]
