"""What a scan is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from auditor.model import JsonObject
from auditor.pipeline.progress import Progress, Silent
from auditor.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ScanRequest:
    """What to scan. `location` is a path or an address; `jobs` 0 means as many as there are cores.

    Without `judge` no manifest is judged, and every rule on manifests stays "not evaluated"; without `judge_changes`
    no landed change is. Without either only the trail is mined. `definitions` are CustomResourceDefinitions from
    elsewhere, as from a cluster; those of the audited tip are found.
    """

    location: str
    database: Path
    settings: Settings
    revision: str = ""
    jobs: int = 0
    render: bool = True
    judge: bool = True
    judge_changes: bool = True
    definitions: tuple[JsonObject, ...] = ()
    now: Callable[[], datetime]
    progress: Progress = field(default_factory=Silent)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanResult:
    """What a scan did. `incomplete` says why no statement about the whole can be made (empty: it can)."""

    repo: str
    run: str
    tip: str
    revision: str
    incremental: bool
    engine: str
    engine_version: str
    counts: Mapping[str, int]
    incomplete: tuple[str, ...]
    notes: tuple[str, ...]
