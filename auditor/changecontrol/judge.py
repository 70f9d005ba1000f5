"""Every rule on every landed change, and on every move of a ref."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.changecontrol.interface import ChangeRule, ChangeVerdict, Known, LandedChange, RefRule
from auditor.changecontrol.rules.automation_out_of_scope import AutomationOutOfScope
from auditor.changecontrol.rules.bot_impersonation import BotImpersonation
from auditor.changecontrol.rules.control_weakened import ControlWeakened
from auditor.changecontrol.rules.direct_push import DirectPush
from auditor.changecontrol.rules.evil_merge import EvilMerge
from auditor.changecontrol.rules.forged_merge import ForgedMergeMessage
from auditor.changecontrol.rules.freeze_breach import FreezeBreach
from auditor.changecontrol.rules.history_rewritten import HistoryRewritten
from auditor.changecontrol.rules.hotfix_landed import HotfixLanded
from auditor.changecontrol.rules.incomplete_history import IncompleteHistory
from auditor.changecontrol.rules.merge_without_request import MergeWithoutRequest
from auditor.changecontrol.rules.no_reason import NoReason
from auditor.changecontrol.rules.opaque_change import OpaqueChange
from auditor.changecontrol.rules.owner_missing import OwnerMissing
from auditor.changecontrol.rules.platform_signed_only import PlatformSignedOnly
from auditor.changecontrol.rules.privileged_change import PrivilegedChange
from auditor.changecontrol.rules.promotion_skipped import PromotionSkipped
from auditor.changecontrol.rules.ref_deleted import RefDeleted
from auditor.changecontrol.rules.rollback import Rollback
from auditor.changecontrol.rules.self_approval import SelfApproval
from auditor.changecontrol.rules.signer_not_committer import SignerNotCommitter
from auditor.changecontrol.rules.stale_approval import StaleApproval
from auditor.changecontrol.rules.tag_moved import TagMoved
from auditor.changecontrol.rules.time_anomaly import TimeAnomaly
from auditor.changecontrol.rules.unapproved_change import UnapprovedChange
from auditor.changecontrol.rules.unknown_actor import UnknownActor
from auditor.changecontrol.rules.unsigned_commit import UnsignedCommit
from auditor.changecontrol.rules.untrusted_signature import UntrustedSignature
from auditor.model import Commit, RefObservation

CHANGE_RULES: tuple[ChangeRule, ...] = (
    DirectPush(),
    ForgedMergeMessage(),
    MergeWithoutRequest(),
    UnsignedCommit(),
    TimeAnomaly(),
    EvilMerge(),
    UnapprovedChange(),
    SelfApproval(),
    StaleApproval(),
    OwnerMissing(),
    UntrustedSignature(),
    PlatformSignedOnly(),
    SignerNotCommitter(),
    AutomationOutOfScope(),
    BotImpersonation(),
    UnknownActor(),
    PromotionSkipped(),
    Rollback(),
    HotfixLanded(),
    NoReason(),
    FreezeBreach(),
    ControlWeakened(),
    PrivilegedChange(),
    OpaqueChange(),
    IncompleteHistory(),
)
"""Every rule on landed changes, in the order of its id."""

REF_RULES: tuple[RefRule, ...] = (
    HistoryRewritten(),
    TagMoved(),
    RefDeleted(),
)
"""Every rule on moves of refs, in the order of its id."""

RULE_IDS: tuple[str, ...] = (*(rule.id for rule in CHANGE_RULES), *(rule.id for rule in REF_RULES))


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What the rules that could be asked say of one landed change; a rule without verdicts is content with it."""

    commit: Commit
    verdicts: tuple[tuple[str, ChangeVerdict], ...]


def unanswered(known: Known, rules: Iterable[ChangeRule] = CHANGE_RULES) -> dict[str, str]:
    """Rule id → why it can be asked of no change at all."""
    return {rule.id: reason for rule in rules if (reason := rule.lacking(known))}


def judge_landings(
    chain: Sequence[str],
    known: Known,
    side: Mapping[str, tuple[Commit, ...]],
    rules: Iterable[ChangeRule] = CHANGE_RULES,
) -> Iterator[Answers]:
    """What the rules say of each landed commit of the chain, oldest first; `side` are those it brought in."""
    asked = [rule for rule in rules if not rule.lacking(known)]
    for sha in chain:
        change = LandedChange(commit=known.commits[sha], side=side.get(sha, ()), known=known)
        verdicts = tuple((rule.id, verdict) for rule in asked for verdict in rule.judge(change))
        yield Answers(commit=change.commit, verdicts=verdicts)


def judge_refs(
    observations: Iterable[RefObservation], known: Known, rules: Iterable[RefRule] = REF_RULES
) -> Iterator[tuple[RefObservation, str, ChangeVerdict]]:
    """(observation, rule id, verdict), in the order of the observations."""
    rules = tuple(rules)
    for observation in observations:
        for rule in rules:
            for verdict in rule.judge(observation, known):
                yield observation, rule.id, verdict
