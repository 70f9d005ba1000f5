"""A bot's name without the bot's key."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import Asked, ChangeVerdict, Known, LandedChange, failed, skipped
from auditor.changecontrol.rules.trust import good_check, last_check
from auditor.model import ActorKind, Commit, Person, SignatureStatus

_PROGRAMS = (ActorKind.BOT, ActorKind.AUTOMATION)


class BotImpersonation(Asked):
    """Whoever commits under a bot's name is taken for it, and bots are reviewed less. Only a registered key proves it.

    By name or by address, and by the registry alone: exempting whatever has "bot" in its name would let anybody in.
    """

    id = "AUD-CHG-0018"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """The landing commit, else the first of those that it brought in."""
        doubts: dict[str, None] = {}
        for commit in change.commits:
            bot = self._claimed(commit, change.known)
            if bot is None:
                continue
            said, certain = _proof(commit, bot, change.known)
            if said and certain:
                where = "" if commit is change.commit else f"{commit.sha[:12]}, which it brought in, "
                return failed(f"{where}bears the name of {bot.name} and {said}".strip())
            if said:
                doubts[said] = None
        return skipped(next(iter(doubts))) if doubts else ()

    def _claimed(self, commit: Commit, known: Known) -> Person | None:
        person = known.claimed(commit.author)
        return person if person is not None and person.kind in _PROGRAMS else None


def _proof(commit: Commit, bot: Person, known: Known) -> tuple[str, bool]:
    """(what is wrong or not known, whether it is certain); ('', …) where the bot's own key signed it."""
    if not bot.keys:
        return f"no key is registered for {bot.name}, so that nothing proves what bears its name", False
    if not commit.signature_format:
        return "is not signed", True
    check = good_check(known, commit.sha)
    if check is not None:
        return ("", True) if bot.holds(check.key) else ("is signed by another key than its own", True)
    last = last_check(known, commit.sha)
    if last is None or last.status in (SignatureStatus.UNCHECKED, SignatureStatus.ERROR):
        return "the signature was not checked, so that the bot's registered key proves nothing yet", False
    return "bears no signature that is good", True
