"""Where a scan begins: which earlier run it goes on from, and which reading of the landing line it adds to."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.errors import GitError
from auditor.git.history import Skeleton, is_ancestor, read_skeleton
from auditor.git.mirror import Mirror
from auditor.policy.judge import Judge
from auditor.settings import Settings
from auditor.store.previous import PreviousRun

PARSER_VERSION = 7
"""Raised whenever the same bytes would be read differently, or the same history replayed differently; it is then read
again as a whole. 3: a file that cannot be read stands for its last readable content. 4: Terraform and Dockerfiles;
a kustomization that cannot be read lists what it listed last. 5: patches that are listed as plain texts are fragments.
6: texts under a secret's name in Terraform, Dockerfiles and containers' variables are secrets whatever they say; GitHub
workflows and GitLab pipelines. 7: what lies in an attic and nothing deploys is in no environment's set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """`after` is the run whose results are added to, None where everything is judged and replayed anew.

    `generation` is the reading that records belong to; `begins` says why it is a new one ('' where it goes on).
    `note` tells the user why the whole history is read again ('' where it is not, or never was).
    """

    after: PreviousRun | None
    generation: int
    begins: str
    note: str
    skeleton: Skeleton

    @property
    def goes_on(self) -> bool:
        """True where the generation has records already."""
        return not self.begins


def starting_point(
    mirror: Mirror,
    previous: PreviousRun | None,
    *,
    generations: int,
    judge: Judge | None,
    settings: Settings,
    rendered_less: bool = False,
) -> Start:
    """Decides by what the earlier run depended on. `generations` counts the readings there are; `rendered_less`: more
    of the history is to be rendered than earlier runs did, for which all of it is read again.
    """

    def anew(reason: str, note: str) -> Start:
        return Start(
            after=None,
            generation=generations + 1,
            begins=reason,
            note=note,
            skeleton=read_skeleton(mirror),
        )

    if previous is None or previous.generation is None:
        return anew("first", "")
    if previous.parser_version != PARSER_VERSION:
        return anew(
            "reading-changed", "this version reads manifests differently: the whole history was read again"
        )
    if previous.settings_digest != settings.reading_digest:
        return anew(
            "reading-changed",
            "environments, exclusions or actors have changed: the whole history was replayed",
        )
    skeleton = _since(mirror, previous)
    if skeleton is None:
        reason = "line-changed" if is_ancestor(mirror, previous.tip) else "history-rewritten"
        what = "the landing line has changed" if reason == "line-changed" else "history was rewritten"
        return anew(reason, f"{what} since {previous.tip[:12]}: the whole history was read again")
    note = _judged_anew(previous, judge)
    if not note and rendered_less:
        note = "more of the history is rendered than before: all of it was read again"
    if note:
        return Start(
            after=None,
            generation=previous.generation,
            begins="",
            note=note,
            skeleton=read_skeleton(mirror),
        )
    return Start(after=previous, generation=previous.generation, begins="", note="", skeleton=skeleton)


def _since(mirror: Mirror, previous: PreviousRun) -> Skeleton | None:
    """What is new since the earlier run; None where the landing line does not go on from its tip."""
    if previous.tip == mirror.tip:
        return Skeleton(parents={}, chain=(), start=previous.positions, landed_in={})
    try:
        skeleton = read_skeleton(mirror, after=previous.tip, start=previous.positions)
    except GitError:
        return None  # the mirror was made anew since, and the old tip is gone from the source
    begins_there = bool(skeleton.chain) and skeleton.parents[skeleton.chain[0]][:1] == (previous.tip,)
    return skeleton if begins_there else None


def _judged_anew(previous: PreviousRun, judge: Judge | None) -> str:
    if (previous.bundle_digest, previous.engine) != engine_of(judge):
        return "rules, parameters or engine have changed: the whole history was judged again"
    if previous.left_unread:
        return "the last run was incomplete: the whole history was read again"
    return ""


def engine_of(judge: Judge | None) -> tuple[str, str]:
    """(bundle digest, engine name) as they are recorded; without a judge nothing was judged, and that is said."""
    return (judge.bundle_digest, judge.engine_name) if judge is not None else ("", "none")
