"""Signatures within a scan: only what was not held against today's trust store before is checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.git.gitsign.trust import GitsignFiles, GitsignIdentity
from auditor.git.mirror import Mirror
from auditor.git.refs import existing_commits
from auditor.git.signatures import check_signatures
from auditor.git.trust import TrustFiles, TrustStore
from auditor.model import SignatureCheck
from auditor.pipeline.progress import Progress, Silent
from auditor.settings import GitsignSetting, Settings
from auditor.store.database import Database
from auditor.store.observations import checked_against, checks_that_failed, signed_commits
from auditor.store.writer import Writer
from auditor.trail.log import Log


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureNews:
    """What a scan learnt of signatures.

    `checks` are new, one a commit, sorted by sha: a check that says UNCHECKED is among them only where an earlier
    one said more. `unchecked` counts the signed commits that are not checked at all, by the reason.
    """

    checked_at: datetime
    checks: tuple[SignatureCheck, ...]
    unchecked: Mapping[str, int]

    def rows(self, repo: str, run: str) -> Iterator[tuple[Any, ...]]:
        """Rows of trail.signature_check, without their place in the log."""
        for one in self.checks:
            yield (
                *(repo, one.sha, str(one.status), one.signer, one.key, one.trust, one.reason),
                *(self.checked_at, run),
            )


def trust_of(settings: Settings) -> TrustStore:
    """The operator's trust store, to be closed after use. Raises ConfigurationError where a file cannot be read."""
    given = settings.signatures
    return TrustStore(
        TrustFiles(
            openpgp_keys=given.openpgp_keys,
            ssh_allowed_signers=given.ssh_allowed_signers,
            ssh_revoked_keys=given.ssh_revoked_keys,
            x509_roots=given.x509_roots,
            platform_keys=given.platform_keys,
            gitsign=_gitsign_of(given.gitsign),
        )
    )


def _gitsign_of(given: GitsignSetting | None) -> GitsignFiles | None:
    if given is None:
        return None
    return GitsignFiles(
        identities=tuple(GitsignIdentity(**one.model_dump()) for one in given.identities),
        trusted_root=given.trusted_root,
        fulcio_roots=given.fulcio_roots,
        rekor_keys=given.rekor_keys,
        ct_log_keys=given.ct_log_keys,
    )


def check_new_signatures(
    database: Database,
    mirror: Mirror,
    repo: str,
    new: Mapping[str, str],
    trust: TrustStore,
    now: datetime,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> SignatureNews:
    """Checks the `new` commits (sha to signature format, '' for none), and recorded ones whose trust store changed.

    A check that failed is tried again. What was good when it was checked stays so: a key that expires later does
    not change what was found, a changed trust store does. Records nothing: the rows belong into the run's
    transaction. Raises ConfigurationError where a key file holds no keys, GitError where the mirror cannot be read.
    """
    progress = progress or Silent()
    signed = signed_commits(database, repo) | {sha: form for sha, form in new.items() if form}
    before = checked_against(database, repo)
    again = checks_that_failed(database, repo)
    due = {}
    unchecked: Counter[str] = Counter()
    for sha, signature_format in signed.items():
        reason = trust.unchecked.get(signature_format)
        if reason is not None:
            unchecked[reason] += 1
        known = before.get(sha)
        if known is None and reason is not None:
            continue
        if known is None or known != trust.digest(signature_format) or sha in again:
            due[sha] = signature_format
    # A lost commit may be gone from a mirror that was made anew.
    old = [sha for sha in due if sha not in new]
    for sha in set(old) - set(existing_commits(mirror, old)):
        del due[sha]
    checks: list[SignatureCheck] = []
    if due:
        progress.stage("checking signatures", len(due), "commits")
        checks = list(check_signatures(mirror, due, trust, jobs=jobs, advance=progress.advance))
    return SignatureNews(
        checked_at=now,
        checks=tuple(sorted(checks, key=lambda one: one.sha)),
        unchecked=dict(sorted(unchecked.items())),
    )


def record_signatures(writer: Writer, log: Log, news: SignatureNews, *, repo: str, run: str) -> None:
    """Adds the checks to the run's transaction; before the rules on changes are asked, which read them there."""
    writer.append("signature_check", log.numbered("signature_check", news.rows(repo, run)))
