"""Rules on the waivers themselves."""

from __future__ import annotations

from auditor.model import RuleInfo, Severity

EXPIRED_WAIVER = "AUD-WAIVER-0001"
UNUSED_WAIVER = "AUD-WAIVER-0002"
WRONG_WAIVER = "AUD-WAIVER-0003"

WAIVER_RULES: tuple[RuleInfo, ...] = (
    RuleInfo(
        id=EXPIRED_WAIVER,
        title="A waiver has expired",
        description=(
            "The waiver's last day has passed, so what it excused counts again. An exception that nobody has looked "
            "at since it ended shows that exceptions are not followed up."
        ),
        severity=Severity.MEDIUM,
        category="waivers",
        kinds=(),
        remediation="Mend what was waived and remove the waiver, or have it granted anew with a later date.",
        since="0.1.0",
        related=(
            "https://csrc.nist.gov/projects/cprt/catalog#/cprt/framework/version/SP_800_53_5_1_1/home?element=CM-06",
        ),
    ),
    RuleInfo(
        id=UNUSED_WAIVER,
        title="A waiver excuses nothing",
        description=(
            "Nothing fits the waiver or suppression: what it excused is mended or gone, or its patterns name "
            "something else than was meant. It would silently excuse what comes later."
        ),
        severity=Severity.LOW,
        category="waivers",
        kinds=(),
        remediation="Remove it, or correct what it names.",
        since="0.1.0",
    ),
    RuleInfo(
        id=WRONG_WAIVER,
        title="A waiver is not in order",
        description=(
            "The waiver or suppression lacks a reason, an owner or an end, names a rule that there is not or that may "
            "not be waived, is for longer than is allowed, or cannot be read. It excuses nothing."
        ),
        severity=Severity.MEDIUM,
        category="waivers",
        kinds=(),
        remediation="Correct the entry at the line given.",
        since="0.1.0",
        related=(
            "https://csrc.nist.gov/projects/cprt/catalog#/cprt/framework/version/SP_800_53_5_1_1/home?element=CM-06",
        ),
    ),
)
