"""What a run learns beside what landed: where refs went, whose signatures hold, what the forge told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor.git.mirror import Mirror
from auditor.model import Commit
from auditor.pipeline.evidence.forge import ForgeNews, fetch_requests, git_patches, record_news
from auditor.pipeline.evidence.refs import RefNews, record_refs
from auditor.pipeline.evidence.signatures import (
    SignatureNews,
    check_new_signatures,
    record_signatures,
    trust_of,
)
from auditor.pipeline.progress import Progress
from auditor.settings import Settings
from auditor.store.database import Database
from auditor.store.writer import Writer
from auditor.trail.log import Log


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """`forge` is None where no forge is configured; `platform_keys` are the fingerprints of the forge's own."""

    refs: RefNews
    signatures: SignatureNews
    forge: ForgeNews | None
    platform_keys: tuple[str, ...]

    @property
    def forge_error(self) -> str:
        """Why the forge's account is not whole; '' where it is, or none was asked for."""
        return self.forge.incomplete if self.forge else ""

    def notes(self) -> Iterator[str]:
        """What the user should know."""
        yield from self.refs.notes
        if self.refs.lost:
            yield (
                f"{len(self.refs.lost):,} recorded commits are in no branch or tag any more; they are kept"
            )
        if self.refs.found_again:
            yield f"{len(self.refs.found_again):,} commits that were lost are back"

    def is_about_earlier_changes(self, new: Mapping[str, Commit]) -> bool:
        """True where landed changes that were judged before have to be judged again."""
        if self.forge is not None and self.forge.is_about_earlier_changes:
            return True
        return any(check.sha not in new for check in self.signatures.checks)


def gather_news(
    database: Database,
    mirror: Mirror,
    repo: str,
    commits: Mapping[str, Commit],
    refs: RefNews,
    *,
    settings: Settings,
    now: Callable[[], datetime],
    jobs: int,
    progress: Progress,
) -> News:
    """Checks signatures and asks the forge. Writes nothing.

    Raises ConfigurationError for keys and settings that cannot be used, GitError where the mirror cannot be read.
    """
    with trust_of(settings) as trust:
        signatures = check_new_signatures(
            database,
            mirror,
            repo,
            {sha: commit.signature_format for sha, commit in commits.items()},
            trust,
            now(),
            jobs=jobs,
            progress=progress,
        )
        platform_keys = trust.platform_keys
    forge = None
    if settings.forge is not None:
        forge = fetch_requests(
            database, repo=repo, setting=settings.forge, now=now, mirror=mirror, progress=progress
        )
    return News(refs=refs, signatures=signatures, forge=forge, platform_keys=platform_keys)


def record_gathered(
    writer: Writer,
    log: Log,
    news: News,
    *,
    repo: str,
    run: str,
    mirror: Mirror,
    redact: Callable[[str], str],
) -> None:
    """Adds the news to the run's transaction, after its commits and landings."""
    record_refs(writer, log, news.refs, repo=repo, run=run)
    record_signatures(writer, log, news.signatures, repo=repo, run=run)
    if news.forge is not None:
        record_news(writer, log, news.forge, run=run, redact=redact, patch=git_patches(mirror))
