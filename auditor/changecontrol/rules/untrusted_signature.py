"""A signature that is bad, or by a key that nobody trusted when we looked."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange, errored, failed, skipped
from auditor.changecontrol.rules.trust import NOT_CHECKED, good_check, last_check, trust_lacking
from auditor.model import SignatureStatus

_WORDS = {
    SignatureStatus.BAD: "the signature does not fit the commit",
    SignatureStatus.UNTRUSTED: "the signature is by a key that is not trusted",
    SignatureStatus.UNKNOWN_KEY: "the signature is by a key that the trust store does not have",
    SignatureStatus.REVOKED: "the signature is by a key that was revoked before we ever found it good",
}


class UntrustedSignature:
    """A signature that was good when first checked stays good when its key expires or is revoked later."""

    id = "AUD-CHG-0011"

    def lacking(self, known: Known) -> str:
        """Nothing can be trusted without a trust store."""
        return trust_lacking(known)

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """The landing commit; of those it brought in, only a signature that does not fit: somebody tampered."""
        for commit in change.side:
            check = last_check(change.known, commit.sha)
            if check is not None and check.status is SignatureStatus.BAD:
                return failed(f"{commit.sha[:12]}, which it brought in: {_WORDS[check.status]}")
        if not change.commit.signature_format:
            return ()
        check = last_check(change.known, change.commit.sha)
        if check is None:
            return skipped(NOT_CHECKED)
        if check.status is SignatureStatus.UNCHECKED:
            return skipped(check.reason or NOT_CHECKED)
        if check.status is SignatureStatus.ERROR:
            return errored(f"checking the signature failed: {check.reason}")
        if check.status not in _WORDS or good_check(change.known, change.commit.sha) is not None:
            return ()
        return failed(f"{_WORDS[check.status]}{f' ({check.reason})' if check.reason else ''}")
