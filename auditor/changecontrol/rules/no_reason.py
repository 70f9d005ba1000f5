"""Nothing says why: no ticket, no text."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import NO_FORGE, Asked, ChangeVerdict, LandedChange, failed, skipped
from auditor.changecontrol.messages import without_trailers
from auditor.model import ActorKind


class NoReason(Asked):
    """A person's change whose messages have neither a ticket nor a body, and whose request has none either.

    The request's own number is no reason; its text is one, and only the forge has it. Programs say what they did in
    their subject.
    """

    id = "AUD-CHG-0023"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """Names the author."""
        commit = change.commit
        if commit.actor_kind is not ActorKind.PERSON or self._in_messages(change):
            return ()
        request = change.request
        if request is not None:
            tickets = change.known.options.tickets
            if request.body.strip() or tickets.search(request.title):
                return ()
            return failed(f"neither {commit.author.name}'s messages nor request {request.number} say why")
        if commit.pull_request:
            return skipped(f"the request that the message names may hold the reason; {NO_FORGE}")
        return failed(f"{commit.author.name}'s message has no ticket and no body; {NO_FORGE}")

    def _in_messages(self, change: LandedChange) -> bool:
        tickets = change.known.options.tickets
        merged = len(change.commit.parents) > 1
        for commit in change.commits:
            if commit.actor_kind is not ActorKind.PERSON:
                continue
            own = f"({commit.pull_request})"
            subject = commit.subject.removesuffix(own)
            if commit is change.commit and merged:
                # The forge's own words: the number is the request's, the body its title.
                subject = ""
            if tickets.search(subject) or without_trailers(commit.body):
                return True
        return False
