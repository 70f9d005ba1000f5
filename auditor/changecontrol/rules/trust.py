"""What the rules on signatures have in common: the checks of one commit, and what they amount to."""

from __future__ import annotations

from auditor.changecontrol.interface import Known
from auditor.model import ActorKind, SignatureCheck, SignatureStatus

NOT_CHECKED = "the signature was not checked"


def trust_lacking(known: Known) -> str:
    """Why nothing can be said of signatures; '' where a trust store is configured."""
    return (
        ""
        if known.trust_configured
        else "no trust store is configured (`signatures`), so no signature was checked"
    )


def last_check(known: Known, sha: str) -> SignatureCheck | None:
    """The newest check; None where there is none."""
    checks = known.signatures.get(sha)
    return checks[-1] if checks else None


def good_check(known: Known, sha: str) -> SignatureCheck | None:
    """The check that found it good when we looked, even if the key has expired or was revoked since."""
    checks = known.signatures.get(sha, ())
    if checks and checks[-1].status is SignatureStatus.BAD:
        return None
    return next((check for check in reversed(checks) if check.status is SignatureStatus.GOOD), None)


def is_platform(known: Known, check: SignatureCheck) -> bool:
    """True where the key is the forge's own."""
    return any(holder.kind is ActorKind.FORGE for holder in known.directory.holders(check.key))
