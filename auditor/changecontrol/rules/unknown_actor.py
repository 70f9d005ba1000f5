"""Somebody changed something whom the directory does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange, failed
from auditor.changecontrol.messages import co_authors
from auditor.model import Commit

_SHOWN = 3


class UnknownActor:
    """Authors, committers and co-authors by their addresses; a name is anybody's.

    GitHub's and GitLab's noreply addresses are known by the account in them, bots by their registration or by what
    their makers document.
    """

    id = "AUD-CHG-0019"

    def lacking(self, known: Known) -> str:
        """Nobody can be unknown to a directory that is not there."""
        if known.directory.configured:
            return ""
        return "no people are configured (`people`), so that nobody can be told to be unknown"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """Names them, once each."""
        by_email = change.known.directory.by_email
        unknown: dict[str, None] = {}
        for commit in change.commits:
            for name, email in _people(commit):
                if by_email(email) is None:
                    unknown[f"{name} <{email}>"] = None
        if not unknown:
            return ()
        shown = ", ".join(list(unknown)[:_SHOWN])
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        return failed(f"not in the directory: {shown}{more}")


def _people(commit: Commit) -> Iterator[tuple[str, str]]:
    yield commit.author.name, commit.author.email
    yield commit.committer.name, commit.committer.email
    yield from co_authors(commit.body)
