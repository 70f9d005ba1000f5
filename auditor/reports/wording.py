"""The fixed texts of a report: what its terms mean, and what its evidence cannot show."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from auditor.store.records import FrameworkRecord, WaiverRecord

GLOSSARY: Mapping[str, str] = MappingProxyType(
    {
        "fail": "At least one finding of the control's rules was open when the period ended.",
        "error": "A rule of the control could not be evaluated for at least one object. It may hide a finding.",
        "not evaluated": "At least one rule of the control did not give every answer: it did not run, it skipped objects, or "
        "what it looks for may be where nobody looked (a chart, a file that cannot be read). This is no pass.",
        "pass": "Every rule of the control that has something to judge judged every object that it is about, and no "
        "finding was open when the period ended that is not waived. Findings "
        "opened and fixed within the period are listed as evidence of detection and correction.",
        "manual": "No rule gives evidence for the control; people have to show it.",
        "not applicable": "The whole repository was seen, and nothing in it is of the kinds that the control's rules look "
        "at. This is no pass, and says nothing of whether the control applies to the organisation.",
        "waived": "Accepted by the repository's file of waivers, or by a comment or annotation in the manifest, as they "
        "stood at the audited tip, on the last day of the evidence. A waived finding fails no control and is listed apart.",
        "finding": "One violation of one rule by one resource, from the commit that brought it in to the commit that "
        "ended it. One that comes back is counted again.",
        "landed": "On the first-parent chain of the audited branch: the state that the branch had, not a side branch.",
        "direct push": "A landed commit of a person with one parent and no sign of a pull request in its message. A "
        "rebase-merge looks the same, so it is a reason to ask, not yet a breach.",
        "drift: unauthorised": "A value declared in git was changed in the cluster past git.",
        "drift: stale": "The cluster holds an older version that git once declared.",
        "drift: added": "A field that git does not declare, owned by somebody else than the GitOps tool.",
        "drift: deleted": "Declared in git, and absent from the cluster.",
        "drift: unpruned": "No longer declared in git, and still in the cluster.",
        "drift: orphan": "In the cluster with a GitOps tool's mark, and never declared in the audited history.",
        "drift: unmanaged": "In the cluster, with no sign of a GitOps tool.",
        "drift: healed": "Changed in the cluster past git, and put back before the cluster was recorded: the audit log tells.",
        "time to fix": "From the commit that opened a finding to the commit that fixed it, in days of 24 hours.",
    }
)

NOT_PROVEN: tuple[str, ...] = (
    "That nothing was on the branch and taken off it before the first run, or between two runs and back: the log keeps "
    "what runs saw.",
    "That records after the newest checkpoint were not changed, and, where no checkpoint is kept outside, that any "
    "were not: whoever can write the database could have made all of it anew; auditor trail verify tells.",
    "That a commit landed when it says: it is counted to the period by the committer's clock.",
)
"""What the population's digest and the log's root leave open."""

NO_FORGE = (
    "No forge (GitHub, GitLab, …) was asked. That a change had a pull request is read from commit messages, which are "
    "claims; whether it was reviewed, and by whom, is not shown here."
)
"""A limit of reports over changes of which no forge told anything."""

LIMITS: tuple[str, ...] = (
    "Names, addresses and dates of commits are what their makers wrote. Git does not prove who a person is, and a "
    "date can be set to anything; commits are counted to the period by their committer date.",
    "How often each rule gave an answer is known for the audited tip of the last run, not for each day of the period.",
    "Rules see what is in the repository. Templates that could not be rendered are listed under what could not be "
    "evaluated, and nothing is concluded about what they make.",
    "Drift is what the runs of the period saw when they looked. What was changed and put back between two runs is "
    "not seen. No drift in this report does not show that a cluster was compared.",
    "A finding that was fixed in git may live on in a cluster that did not follow, and a secret that was removed from "
    "git is still in its history.",
    "A control marked pass means that the rules listed for it found nothing open. It does not mean that the control "
    "as a whole is met; that judgement is the auditor's.",
)


def titles_of(text: FrameworkRecord) -> str:
    """Whose wording the titles of a framework's controls are."""
    if text.titled_by_us:
        return "The titles of controls are our wording; what counts is the text."
    return "The titles of controls are those of the text."


WAIVED = (
    "These findings were not fixed when the evidence ended, and are accepted as the audited tip says. They fail no "
    "control; whether each of them is rightly accepted is for people to judge."
)
NO_WAIVER = "No finding of these controls is waived."
LOST = (
    "A commit that these findings rest on is not in the audited history any more: it was rewritten, or another branch "
    "is audited. They are counted nowhere else."
)


def waiver_terms(waiver: WaiverRecord) -> tuple[str, str, str, str, str, str]:
    """Who accepted it, why, since when, until when, ticket, and where that is written."""
    until = f"before {waiver.expires}" if waiver.expires else "no end"
    since = str(waiver.granted) if waiver.granted else "not said"
    place = f"{waiver.path}:{waiver.line}" if waiver.line else waiver.path
    owner = waiver.owner or f"nobody named (a {waiver.source} in the manifest)"
    return owner, waiver.reason or "no reason given", since, until, waiver.ticket or "–", place
