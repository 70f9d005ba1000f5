"""Signed by somebody else than the committer it names."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange, failed, skipped
from auditor.changecontrol.rules.trust import good_check, is_platform, trust_lacking
from auditor.model import Commit


class SignerNotCommitter:
    """By the operator's directory and trust store. The repository's own `.mailmap` would be the attacker's to write."""

    id = "AUD-CHG-0013"

    def lacking(self, known: Known) -> str:
        """Who is who takes a trust store and a directory."""
        if not known.directory.configured:
            return "no people are configured (`people`), so that nobody's addresses and keys are known"
        return trust_lacking(known)

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """The landing commit, else the first of those it brought in."""
        doubtful = False
        for commit in change.commits:
            differs = self._differs(commit, change.known)
            if differs:
                where = "" if commit is change.commit else f"{commit.sha[:12]}, which it brought in: "
                return failed(where + differs)
            doubtful = doubtful or differs is None
        return (
            skipped(
                "the signer is not in the directory, so that it cannot be told whether they are the committer"
            )
            if doubtful
            else ()
        )

    def _differs(self, commit: Commit, known: Known) -> str | None:
        """In words; '' where they agree or nothing is signed, None where it cannot be told."""
        check = good_check(known, commit.sha)
        if check is None or is_platform(known, check):
            return ""
        committer = known.directory.by_email(commit.committer.email)
        signers = known.directory.holders(check.key)
        principal = known.directory.by_email(check.signer)
        if principal is not None:
            signers = (*signers, principal)
        if (
            any(signer is committer for signer in signers)
            or check.signer.lower() == commit.committer.email.lower()
        ):
            return ""
        if not signers:
            return None
        claimed = (
            committer.name
            if committer is not None
            else f"{commit.committer.name}, whom the directory does not know"
        )
        return f"signed by {signers[0].name}, and the committer it names is {claimed}"
