"""What a scan that is under way has at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from auditor.git.mirror import Mirror
from auditor.manifests.secrets import Redactor
from auditor.pipeline.mining.worker import WorkerSpec
from auditor.pipeline.paths import redacted_by
from auditor.pipeline.scan.request import ScanRequest
from auditor.policy.judge import EngineSession, Judge
from auditor.policy.library import Library
from auditor.store.database import Database


@dataclass(kw_only=True)
class ScanContext:
    """Everything that was opened for one scan; `notes` collects what its result is to say besides.

    Without `session` and `judge` no manifest is judged. `redact` takes secrets out of texts.
    """

    request: ScanRequest
    database: Database
    mirror: Mirror
    repo: str
    session: EngineSession | None
    judge: Judge | None
    library: Library
    worker: WorkerSpec
    started: datetime
    redactor: Redactor
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.redact: Callable[[str], str] = redacted_by(self.redactor.redact_text)
