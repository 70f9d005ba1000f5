"""Scans a hand-made history and tells what the rules on changes say of it, by the names that the test gave commits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from histories.builder import History

from auditor.git.mirror import update_mirror
from auditor.manifests.secrets import Redactor
from auditor.pipeline.evidence.change_evidence import ChangeEvidence
from auditor.pipeline.evidence.changes import ChangeFindings, judge_changes
from auditor.pipeline.evidence.landed_rows import recorded_commits
from auditor.pipeline.evidence.people import directory_of
from auditor.pipeline.scan import ScanRequest, scan
from auditor.pipeline.state import redaction_key, state_folder
from auditor.settings import Settings
from auditor.store.database import open_database
from auditor.store.landed import LandedEvidence
from auditor.store.writer import writing

FIRST_LOOK = datetime(2026, 1, 1, tzinfo=UTC)
"""When the first scan of a test runs; each further one is a day later unless the test says when."""


def rule(number: int) -> str:
    return f"AUD-CHG-{number:04d}"


@dataclass
class ChangeAudit:
    """A history, its database and its settings."""

    story: History
    database: Path
    settings: Settings = field(default_factory=lambda: Settings(engine="embedded"))
    looks: int = 0

    def scan(self, at: datetime | None = None) -> None:
        """One run that mines and judges no manifests."""
        now = at or FIRST_LOOK + timedelta(days=self.looks)
        self.looks += 1
        scan(
            ScanRequest(
                location=str(self.story.path), database=self.database, settings=self.settings, judge=False,
                render=False, jobs=1, now=lambda: now,
            )
        )  # fmt: skip

    def found(self, number: int) -> list[tuple[str, str, str]]:
        """(sha, path, pointer) of a rule's findings, sorted."""
        return sorted(
            self.rows("SELECT opened_sha, path, pointer FROM findings WHERE rule_id = ?", rule(number))
        )

    def shas(self, number: int) -> set[str]:
        """The landed commits that a rule objects to."""
        return {sha for sha, _, _ in self.found(number)}

    def messages(self, number: int) -> list[str]:
        """What a rule says, sorted."""
        return sorted(
            message
            for (message,) in self.rows("SELECT message FROM findings WHERE rule_id = ?", rule(number))
        )

    def gaps(self, number: int) -> list[tuple[str, str, int]]:
        """(outcome, reason, occurrences) of what a rule could not answer in the last run."""
        return self.rows(
            "SELECT outcome, reason, occurrences FROM trail.gap WHERE subject = ? AND run = (SELECT id FROM trail.run"
            " ORDER BY seq DESC LIMIT 1) ORDER BY reason",
            rule(number),
        )

    def rows(self, sql: str, *parameters: object) -> list[tuple[str, ...]]:
        """What the database answers."""
        with open_database(self.database, read_only=True) as opened:
            return opened.cursor().execute(sql, list(parameters)).fetchall()

    def judged_again(self, settings: Settings | None = None, *, now: datetime = FIRST_LOOK) -> ChangeFindings:
        """All landed changes judged from the trail alone, perhaps by other settings; nothing is recorded."""
        chosen = settings or self.settings
        state = state_folder(self.database)
        mirror = update_mirror(str(self.story.path), state)
        with open_database(self.database) as opened, writing(opened) as writer:
            ((repo, generation),) = writer.execute(
                "SELECT repo, max(generation) FROM trail.landing GROUP BY repo"
            ).fetchall()
            facts = LandedEvidence(writer.execute, repo, generation, None)
            shas = writer.execute(
                "SELECT sha FROM trail.landing WHERE repo = ? AND generation = ? ORDER BY seq",
                [repo, generation],
            ).fetchall()
            pairs = sorted(
                recorded_commits(facts.commits_named(sha for (sha,) in shas)),
                key=lambda pair: shas.index((pair[0].sha,)),
            )
            landed = sorted((one for one, _ in pairs if one.landed), key=lambda one: one.position or 0)
            return judge_changes(
                ChangeEvidence(
                    repo=repo, generation=generation, chain=[one.sha for one in landed],
                    landed_in={one.sha: landing for one, landing in pairs}, commits={one.sha: one for one, _ in pairs},
                    writer=writer, mirror=mirror, settings=chosen, directory=directory_of(chosen),
                    redactor=Redactor(redaction_key(state)), now=now,
                )
            )  # fmt: skip
