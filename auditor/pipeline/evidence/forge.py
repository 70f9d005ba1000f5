"""Asking the forge within a scan: before the transaction over the network, within it into the trail.

    news = fetch_requests(database, repo=…, setting=settings.forge, now=…)        # the network, nothing written
    with writing(database) as writer:
        …the run's history rows…
        recorded = record_news(writer, log, news, run=…, redact=…, patch=git_patches(mirror))

A failure of the network loses nothing: what was told until then is recorded, the run is incomplete and says why,
and the next one goes on there. A later scan asks only for what was updated since.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol

import duckdb

from auditor.errors import ForgeError, MissingPartError
from auditor.forge.approval import merged_head_of
from auditor.forge.interface import Forge
from auditor.forge.joining import Patch, approved_heads, change_units, with_patches
from auditor.git.mirror import Mirror
from auditor.model import ChangeUnit, Confirmation, LandedCommit, Request
from auditor.pipeline.evidence.forge_patches import git_patches, lost_patches
from auditor.pipeline.evidence.forge_rows import Redact, new_rows, told_rows, unit_row
from auditor.pipeline.progress import Progress, Silent
from auditor.settings import ForgeSetting
from auditor.store.database import Database
from auditor.store.forge import (
    TOLD,
    ForgeCursor,
    forge_cursor,
    landed_commits,
    landing_line,
    last_told,
    recorded_requests,
    recorded_units,
    save_cursor,
    side_origins,
)

__all__ = ["ForgeNews", "ForgeRecorded", "fetch_requests", "git_patches", "record_news"]


class RecordWriter(Protocol):
    """What adds rows: `auditor.store.writer.Writer`."""

    @property
    def cursor(self) -> duckdb.DuckDBPyConnection:
        """The transaction's own connection."""
        ...

    def append(self, table: str, rows: Iterable[Sequence[Any]]) -> int:
        """Adds rows; their number."""
        ...


class RecordLog(Protocol):
    """What gives records their place: `auditor.trail.log.Log`."""

    def numbered(self, kind: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """The rows with their place at the end."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgeNews:
    """What a forge told in one run: requests that are new or differ from what it told before.

    `incomplete` says why it is not everything ('': it is). `until` is the `updated_at` of the last request that it
    told, differing or not. `diffs` are patches of heads that git has lost, as the forge gives them, by head.
    """

    repo: str
    forge: str
    source: str
    requests: tuple[Request, ...]
    incomplete: str
    until: datetime | None
    before: ForgeCursor | None
    fetched_at: datetime
    diffs: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def is_about_earlier_changes(self) -> bool:
        """True where landed changes may have to be judged again: something is new, or silence means something now."""
        was_complete = self.before is not None and self.before.joined != ""
        return bool(self.requests) or (not self.incomplete and not was_complete)


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgeRecorded:
    """What was added: rows by table, and what the forge says of the landed commits now (() where nothing is new)."""

    rows: Mapping[str, int]
    units: tuple[ChangeUnit, ...]


def fetch_requests(
    database: Database,
    *,
    repo: str,
    setting: ForgeSetting,
    now: Callable[[], datetime],
    mirror: Mirror | None = None,
    progress: Progress | None = None,
    environment: Mapping[str, str] = os.environ,
    opened: Callable[..., Forge] | None = None,
) -> ForgeNews:
    """Everything that the forge has and did not tell yet. Writes nothing.

    With `mirror`, the forge is also asked for the patches of approved heads that git has lost. `opened` opens the forge (by default the one that is configured, over the network). Raises ConfigurationError for
    settings that cannot be used, MissingPartError where the HTTP client is not installed; the forge's failures are in
    `incomplete`.
    """
    forges = _forges()
    show = progress or Silent()
    fetched_at = now()
    url = setting.url or forges.FORGES[setting.kind].default_url
    source = f"{url.rstrip('/')}/{setting.repository}"
    cursor = database.cursor()
    before = forge_cursor(cursor, repo, setting.kind)
    if before is not None and before.source != source:
        before = None  # another server or repository: everything anew
    token = forges.token_of(setting.kind, environment)
    forge: Forge = (opened or forges.open_forge)(
        setting.kind, setting.repository, url=setting.url, token=token, fetched_at=fetched_at, now=now
    )
    show.stage(f"asking {setting.kind}", None, "requests")
    told: list[Request] = []
    diffs: dict[str, bytes] = {}
    incomplete = ""
    try:
        for request in forge.requests(before.updated_at if before else None):
            told.append(request)
            show.advance(1)
            if mirror is not None:
                diffs |= lost_patches(forge, mirror, request)
    except ForgeError as error:
        incomplete = f"the forge did not tell everything: {error.message}"
    finally:
        forge.close()
    recorded = recorded_requests(cursor, repo, [request.number for request in told])
    cursor.close()
    known = {request.number: request for request in recorded if request.forge == setting.kind}
    return ForgeNews(
        repo=repo,
        forge=setting.kind,
        source=source,
        requests=tuple(request for request in told if _differs(request, known.get(request.number))),
        incomplete=incomplete,
        until=told[-1].updated_at if told else before.updated_at if before else None,
        before=before,
        fetched_at=fetched_at,
        diffs=diffs,
    )


def record_news(
    writer: RecordWriter, log: RecordLog, news: ForgeNews, *, run: str, redact: Redact, patch: Patch
) -> ForgeRecorded:
    """Adds what is new to the trail and decides anew which request each landed commit came by.

    To be called within the run's transaction, after its commits and landings were added. `patch` compares
    approved heads with what landed; see `git_patches`.
    """
    rows = {
        table: writer.append(table, log.numbered(table, list(_differing(writer, table, news, run, redact))))
        for table in TOLD
    }
    cursor = writer.cursor
    line = landing_line(cursor, news.repo)
    is_joined = news.before is not None and news.before.joined == line and not news.is_about_earlier_changes
    units = [] if is_joined else _decided(cursor, news, patch)
    known = recorded_units(cursor, news.repo) if units else {}
    complete = not news.incomplete
    changed = [unit for unit in units if _says_more(unit, known.get(unit.sha), complete=complete)]
    unit_rows = [unit_row(unit, repo=news.repo, decided_at=news.fetched_at, run=run) for unit in changed]
    rows["change_unit"] = writer.append("change_unit", log.numbered("change_unit", unit_rows))
    before = news.before.complete_at if news.before else None
    at = ForgeCursor(
        source=news.source,
        updated_at=news.until,
        complete_at=news.fetched_at if complete else before,
        joined=line if complete else "",
    )
    save_cursor(cursor, news.repo, news.forge, at)
    return ForgeRecorded(rows=rows, units=tuple(units))


def _decided(cursor: duckdb.DuckDBPyConnection, news: ForgeNews, patch: Patch) -> list[ChangeUnit]:
    """Every landed commit with the request that it came by, as is known now."""
    chain = landed_commits(cursor, news.repo)
    requests = [one for one in recorded_requests(cursor, news.repo) if one.forge == news.forge]
    origins = side_origins(cursor, news.repo, {parent for commit in chain for parent in commit.parents[1:]})
    units = change_units(chain, requests, forge=news.forge, complete=not news.incomplete, origin=origins.get)
    return _with_patches(
        units,
        chain,
        {one.number: one for one in requests},
        recorded_units(cursor, news.repo),
        {request.number for request in news.requests},
        (patch, lambda _, head: news.diffs.get(head)),
    )


def _forges() -> Any:
    """The forges' module, imported where it is needed: a scan without a forge needs no HTTP client."""
    try:
        return import_module("auditor.forge.forges")
    except ModuleNotFoundError as error:
        raise MissingPartError(
            f"asking a forge needs the package {error.name}", hint="pip install 'auditor[forge]' brings it"
        ) from error


def _differs(request: Request, known: Request | None) -> bool:
    """Whether a request says something that was not recorded. Texts do not change without its `updated_at`."""
    return known is None or _evidence(request) != _evidence(known)


def _evidence(request: Request) -> tuple[Any, ...]:
    merged_by = request.merged_by.login if request.merged_by else None
    return (
        request.updated_at, request.state, request.head_sha, request.merge_sha, request.squash_sha, merged_by,
        request.unknown,
        frozenset((one.id, one.state, one.commit_sha, one.submitted_at, one.stale, one.official) for one in request.reviews),
        tuple((one.sha, one.author.login if one.author else None) for one in request.commits),
        sorted((one.state, one.completed_at is None) for one in request.checks),
    )  # fmt: skip


def _differing(
    writer: RecordWriter, table: str, news: ForgeNews, run: str, redact: Redact
) -> Iterator[tuple[Any, ...]]:
    heads = {request.number: request.head_sha for request in news.requests}
    return new_rows(
        table,
        told_rows(table, news.requests, redact),
        last_told(writer.cursor, table, news.repo, news.forge, list(heads)),
        repo=news.repo,
        forge=news.forge,
        heads=heads,
        fetched_at=news.fetched_at,
        run=run,
    )


def _with_patches(
    units: Sequence[ChangeUnit],
    chain: Sequence[LandedCommit],
    requests: Mapping[int, Request],
    known: Mapping[str, ChangeUnit],
    fresh: set[int],
    sources: Sequence[Patch],
) -> list[ChangeUnit]:
    """The units with what can be told of approved heads: compared once, and again where the request has changed."""
    parents = {commit.sha: commit.parents for commit in chain}
    first: dict[int, str] = {}
    for unit in units:
        if unit.number is not None:
            first.setdefault(unit.number, unit.sha)
    decided = []
    for unit in units:
        if unit.number is None or unit.confirmed is not Confirmation.CONFIRMED:
            decided.append(unit)
            continue
        before = known.get(unit.sha)
        if before is not None and before.number == unit.number and unit.number not in fresh:
            decided.append(replace(unit, same_patch=before.same_patch, other_patch=before.other_patch))
            continue
        request = requests[unit.number]
        head = merged_head_of(request, parents[unit.sha])
        base = parents[first[unit.number]][:1]
        heads = approved_heads(request, head)
        decided.append(
            with_patches(unit, heads, base=base[0], merged_head=head, sources=sources) if base else unit
        )
    return decided


def _says_more(unit: ChangeUnit, known: ChangeUnit | None, *, complete: bool) -> bool:
    """Whether the unit is to be recorded: not where nothing is known, nor where a failure would replace an answer."""
    if known is None:
        return unit.confirmed is not Confirmation.UNCONFIRMED
    if not complete and unit.number is None:
        return False
    return unit != known
