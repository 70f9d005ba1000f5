"""The patches of approved heads and of what landed: from the mirror's objects, else from the forge."""

from __future__ import annotations

from auditor.errors import GitError
from auditor.forge.interface import Forge
from auditor.forge.joining import Patch, approved_heads
from auditor.git.mirror import Mirror
from auditor.model import Request

PATCH_LIMIT_S = 60.0


def git_patches(mirror: Mirror) -> Patch:
    """Diffs from the mirror's own objects; None where it lacks a commit (a head that was pushed over)."""

    def patch(base: str, head: str) -> bytes | None:
        try:
            return mirror.git.run(
                "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--full-index", "--binary",
                "--unified=3", f"{base}...{head}", "--",
                repository=mirror.path, time_limit_s=PATCH_LIMIT_S,
            )  # fmt: skip
        except GitError:
            return None

    return patch


def lost_patches(forge: Forge, mirror: Mirror, request: Request) -> dict[str, bytes]:
    """The patches of a merged request's last head and approved heads, if git lacks one of them (a squash, a rebase).

    Against the landed commit's parent: of commits that were squashed or rebased it has none but copies.
    """
    heads = approved_heads(request, request.head_sha) if request.merge_sha else ()
    if not heads:
        return {}
    wanted = (request.head_sha, *heads)
    if all(_object(mirror, f"{sha}^{{commit}}") for sha in wanted):
        return {}
    base = _object(mirror, f"{request.merge_sha}^1")
    found = {head: forge.patch(base, head) for head in wanted} if base else {}
    return {head: diff for head, diff in found.items() if diff is not None}


def _object(mirror: Mirror, revision: str) -> str:
    """The id of what a revision names; '' where the mirror lacks it."""
    try:
        answer = mirror.git.run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", revision, repository=mirror.path
        )
    except GitError:
        return ""
    return answer.decode("ascii").strip()
