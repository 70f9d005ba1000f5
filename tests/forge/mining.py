"""History and forge news into a database without the rest of a scan: what the pipeline does, in its order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.forge.approval import Assessment, assess
from auditor.forge.forges import open_forge
from auditor.forge.owners import required_owners
from auditor.git.history import read_changes, read_commits, read_skeleton
from auditor.git.mirror import Mirror, update_mirror
from auditor.model import ChangeUnit, Commit, Confirmation
from auditor.pipeline.evidence.forge import ForgeNews, ForgeRecorded, fetch_requests, git_patches, record_news
from auditor.pipeline.records.rows import commit_rows, landing_rows
from auditor.settings import ForgeSetting
from auditor.store.database import Database, open_database
from auditor.store.forge import recorded_requests
from auditor.store.writer import writing
from auditor.trail.log import Log

NOW = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass
class Mine:
    """A database about one repository at `location`, and the forge that knows of it."""

    folder: Path
    location: str
    setting: ForgeSetting
    environment: Mapping[str, str] = field(default_factory=dict)
    opened: Callable[..., Any] = open_forge
    redact: Callable[[str], str] = lambda text: text
    runs: int = 0
    log: Log = field(default_factory=Log)
    repo: str = "fleet"
    mirror: Mirror | None = None
    commits: dict[str, Commit] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "audit.duckdb"

    def run(self) -> tuple[ForgeNews, ForgeRecorded]:
        """One scan: what is new in git and on the forge, into the trail."""
        self.runs += 1
        run, now = f"run-{self.runs}", NOW + timedelta(days=self.runs)
        self.mirror = update_mirror(self.location, self.folder / "state", revision="")
        with open_database(self.database, create=True) as database:
            news = fetch_requests(
                database, repo=self.repo, setting=self.setting, now=lambda: now, mirror=self.mirror,
                environment=self.environment, opened=self.opened,
            )  # fmt: skip
            return news, self._record(database, news, run)

    def _record(self, database: Database, news: ForgeNews, run: str) -> ForgeRecorded:
        assert self.mirror is not None
        skeleton = read_skeleton(self.mirror)
        commits = {commit.sha: commit for commit in read_commits(self.mirror, skeleton)}
        fresh = [commit for sha, commit in commits.items() if sha not in self.commits]
        self.commits |= commits
        with writing(database) as writer:
            if self.runs == 1:
                generation = [(self.repo, 1, run, "first")]
                writer.append("generation", self.log.numbered("generation", generation))
            writer.append(
                "commit_record",
                self.log.numbered("commit_record", commit_rows(self.repo, fresh, self.redact)),
            )
            landings = landing_rows(self.repo, 1, fresh, skeleton.landed_in, self.redact)
            writer.append("landing", self.log.numbered("landing", landings))
            return record_news(
                writer, self.log, news, run=run, redact=self.redact, patch=git_patches(self.mirror)
            )

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with open_database(self.database, read_only=True) as opened:
            return opened.cursor().execute(sql, list(parameters)).fetchall()

    def assessment(self, unit: ChangeUnit, *, codeowners: bool = True) -> Assessment:
        """What is to be said of the request that a landed commit came by."""
        assert self.mirror is not None
        assert unit.confirmed is Confirmation.CONFIRMED
        with open_database(self.database, read_only=True) as opened:
            (request,) = recorded_requests(opened.cursor(), self.repo, [unit.number or 0])
        landing = self.commits[unit.sha]
        requirements = None
        if codeowners:
            text = self._text(f"{landing.parents[0]}:CODEOWNERS")
            changed = [change.path for change in self._changes() if change.sha == unit.sha]
            requirements = required_owners(text, self.setting.kind, changed)
        return assess(
            request,
            landings=[landing],
            side=[self.commits[sha] for sha in unit.side],
            requirements=requirements,
            groups=self.setting.groups,
            same_patch=frozenset(unit.same_patch),
            other_patch=frozenset(unit.other_patch),
        )

    def _changes(self) -> list[Any]:
        assert self.mirror is not None
        return list(read_changes(self.mirror, read_skeleton(self.mirror)))

    def _text(self, revision: str) -> str:
        assert self.mirror is not None
        try:
            return self.mirror.git.run("show", revision, repository=self.mirror.path).decode()
        except Exception:  # a base without the file
            return ""
