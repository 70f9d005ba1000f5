"""What the rules on landed changes are told: gathered from the trail, the mirror, the settings and the forge."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import duckdb

from auditor.changecontrol.evidence import (
    FieldTouch,
    FirstSight,
    MergeReading,
    ResourceTouch,
    StageEntry,
    Unexplained,
)
from auditor.changecontrol.globs import matches
from auditor.changecontrol.interface import Known
from auditor.changecontrol.messages import reverted
from auditor.changecontrol.options import ChangeOptions
from auditor.changecontrol.rules.control_weakened import CONTROL_FILES, CONTROL_GROUPS
from auditor.changecontrol.rules.privileged_change import PRIVILEGED_GROUPS, PRIVILEGED_KINDS
from auditor.changecontrol.weakening.resources import (
    CONTROL_KINDS,
    MEANING,
    NARROW_FIELDS,
    NARROW_KINDS,
)
from auditor.git.merges import remake_merges
from auditor.git.mirror import Mirror
from auditor.git.opaque import opaque_contents
from auditor.manifests.documents import KUSTOMIZATION_NAMES
from auditor.manifests.secrets import Redactor
from auditor.model import (
    Commit,
    Directory,
    FileChange,
    RefObservation,
    SignatureCheck,
    SignatureStatus,
)
from auditor.pipeline.evidence.change_options import change_options
from auditor.pipeline.evidence.change_requests import ForgeAccount, forge_account
from auditor.pipeline.evidence.control_texts import ControlTexts
from auditor.pipeline.evidence.landed_rows import Row, file_of, recorded_commits, resource_of
from auditor.pipeline.evidence.marked_fields import marked_fields
from auditor.settings import Settings, SignatureSetting
from auditor.store.landed import LandedEvidence

_KUSTOMIZATIONS = KUSTOMIZATION_NAMES.pattern.replace(r"\Z", '"?$')
"""Which paths are named as kustomizations, in RE2's spelling; git quotes some paths."""


class RecordedRun(Protocol):
    """The transaction that has written the run's history: `auditor.store.writer.Writer`."""

    @property
    def cursor(self) -> duckdb.DuckDBPyConnection:
        """The transaction's own connection."""
        ...

    def execute(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> duckdb.DuckDBPyConnection:
        """Runs a statement in it."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeEvidence:
    """What a scan hands over once its history rows are written.

    `chain` are the landed commits to judge, oldest first, `commits` every commit that is in memory, by sha (those of
    the chain, what they brought in, and parents; what is missing is read from the trail), `landed_in` the landing
    that brought each in. `ref_moves` are the moves of refs to judge. `forge_error` says why the forge's account is
    not whole ('' where it is).
    """

    repo: str
    generation: int
    chain: Sequence[str]
    landed_in: Mapping[str, str]
    commits: Mapping[str, Commit]
    writer: RecordedRun
    mirror: Mirror
    settings: Settings
    directory: Directory
    redactor: Redactor
    now: datetime
    ref_moves: Sequence[RefObservation] = ()
    forge_error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """What rules are told, and by landing what it brought in. `close` once they have been asked."""

    known: Known
    side: Mapping[str, tuple[Commit, ...]]
    close: Callable[[], None]


def gather(evidence: ChangeEvidence) -> Gathered:
    """One statement a question over all landings, and git only for merges, files that no parser has read, and the
    few controls that changed."""
    facts = LandedEvidence(evidence.writer.execute, evidence.repo, evidence.generation, evidence.chain)
    try:
        return _gather(evidence, facts, change_options(evidence.settings.change_control))
    finally:
        facts.close()


def _gather(evidence: ChangeEvidence, facts: LandedEvidence, options: ChangeOptions) -> Gathered:
    commits = dict(evidence.commits)
    side = _side(evidence, commits)
    commits |= _taken_back(evidence.chain, side, commits, facts)
    files, contents = _files(evidence, facts, options)
    resources = _by_landing(
        facts.resources(
            groups=f"{PRIVILEGED_GROUPS}|{CONTROL_GROUPS}",
            kinds=sorted({*PRIVILEGED_KINDS, *CONTROL_KINDS}),
            fields=MEANING,
            narrow_kinds=NARROW_KINDS,
            narrow_fields=NARROW_FIELDS,
        )
    )
    manifests = ControlTexts(evidence.mirror, evidence.redactor, facts, resources)
    manifests.ask_for(files)
    merges = [commits[sha] for sha in evidence.chain if len(commits[sha].parents) > 1]
    account = forge_account(evidence, facts, side) if evidence.settings.forge is not None else ForgeAccount()
    program = _fields(facts.program_fields())
    known = Known(
        commits=commits,
        options=options,
        directory=evidence.directory,
        audited_ref=f"refs/heads/{evidence.mirror.revision}",
        lacks=evidence.mirror.lacks,
        files=files,
        contents=contents,
        resources=resources,
        program_fields=program,
        marked=marked_fields(evidence.mirror, evidence.redactor, facts, program.values(), commits),
        returns=_fields(facts.returns()),
        remote_bases=_fields(facts.remote_bases()),
        stage_entries=_stage_entries(facts, options.promotion),
        environments=_environments(facts) if any(freeze.environments for freeze in options.freezes) else {},
        merges=_merges(evidence.mirror, merges, commits),
        first_sights=_first_sights(evidence, facts),
        signatures=_signatures(facts),
        trust_configured=evidence.settings.signatures != SignatureSetting(),
        forge=evidence.settings.forge.kind if evidence.settings.forge is not None else "",
        forge_error=evidence.forge_error,
        units=account.units,
        requests=account.requests,
        assessments=account.assessments,
        text=manifests.text,
        manifest=manifests.manifest,
    )
    return Gathered(known=known, side=side, close=manifests.close)


def _side(evidence: ChangeEvidence, commits: dict[str, Commit]) -> dict[str, tuple[Commit, ...]]:
    chain = set(evidence.chain)
    side: dict[str, list[Commit]] = {}
    for sha, landing in evidence.landed_in.items():
        if sha != landing and landing in chain and sha in commits:
            side.setdefault(landing, []).append(commits[sha])
    return {landing: tuple(brought) for landing, brought in side.items()}


def _taken_back(
    chain: Iterable[str],
    side: Mapping[str, Sequence[Commit]],
    commits: Mapping[str, Commit],
    facts: LandedEvidence,
) -> dict[str, Commit]:
    """Commits of earlier runs that messages say they revert: whether those were reverts themselves matters."""
    named = {
        sha
        for landing in chain
        for commit in (commits[landing], *side.get(landing, ()))
        for sha in reverted(commit.subject, commit.body)
        if sha not in commits
    }
    return {one.sha: one for one, _ in recorded_commits(facts.commits_named(named))} if named else {}


def _files(
    evidence: ChangeEvidence, facts: LandedEvidence, options: ChangeOptions
) -> tuple[dict[str, list[FileChange]], dict[str, str]]:
    """The files that rules look at, by landing, and which of their blobs are no text."""
    found = {(row[0], row[1]): file_of(row) for row in facts.files(named=CONTROL_FILES)}
    others = [file_of(row) for row in facts.other_files(kustomizations=_KUSTOMIZATIONS)]
    others = [file for file in others if not matches(file.path, options.vendored)]
    contents = opaque_contents(evidence.mirror, dict.fromkeys(file.new_blob for file in others))
    for file in others:
        if file.new_blob in contents:
            found.setdefault((file.sha, file.path), file)
    by_landing: dict[str, list[FileChange]] = {}
    for _, file in sorted(found.items()):
        by_landing.setdefault(file.sha, []).append(file)
    return by_landing, contents


def _by_landing(rows: Iterable[Row]) -> dict[str, list[ResourceTouch]]:
    found: dict[str, list[ResourceTouch]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(resource_of(row))
    return found


def _fields(rows: Iterable[Row]) -> dict[str, list[FieldTouch]]:
    """Landing → fields: rows are the landing, ten columns of the resource, pointer, old, new, and what set it before."""
    found: dict[str, list[FieldTouch]] = {}
    for landing, *rest in rows:
        touch = FieldTouch(
            resource=resource_of(rest[:10]), pointer=rest[10], old_value=rest[11], new_value=rest[12],
            previous_sha=rest[13] if len(rest) > 13 else "",
        )  # fmt: skip
        found.setdefault(landing, []).append(touch)
    return found


def _stage_entries(facts: LandedEvidence, promotion: Sequence[str]) -> dict[str, list[StageEntry]]:
    found: dict[str, list[StageEntry]] = {}
    if len(promotion) > 1:
        before, stage = promotion[-2:]
        for landing, *rest in facts.stage_entries(stage, before):
            entry = StageEntry(
                resource=resource_of(rest[:10]), pointer=rest[10], value=rest[11], stage=stage, before=before,
                earlier_position=rest[12],
            )  # fmt: skip
            found.setdefault(landing, []).append(entry)
    return found


def _environments(facts: LandedEvidence) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for sha, environment in facts.environments():
        found.setdefault(sha, set()).add(environment)
    return {sha: frozenset(names) for sha, names in found.items()}


def _merges(
    mirror: Mirror, merges: Sequence[Commit], commits: Mapping[str, Commit]
) -> dict[str, MergeReading]:
    return {
        sha: MergeReading(
            unexplained=tuple(Unexplained(path=one.path, why=one.why) for one in made.differences),
            error=made.error,
        )
        for sha, made in remake_merges(mirror, merges, commits).items()
    }


def _first_sights(evidence: ChangeEvidence, facts: LandedEvidence) -> dict[str, FirstSight]:
    """Between which two looks each landing came; a look is a run, and this one is the last."""
    now = FirstSight(at=evidence.now, after=None)
    times: dict[int, list[tuple[int, datetime]]] = {}
    every = []
    for at, generation, position in facts.looks():
        every.append(at)
        seen = times.setdefault(generation, [])
        # Only looks that saw more than those before them can be the first to see anything.
        if not seen or position > seen[-1][0]:
            seen.append((position, at))
    if not every:
        return dict.fromkeys(evidence.chain, now)
    first: dict[str, datetime] = {}
    for sha, generation, position in facts.positions():
        seen = times.get(generation, [])
        place = bisect_left(seen, position, key=lambda look: look[0])
        if place < len(seen):
            at = seen[place][1]
            first[sha] = min(first.get(sha, at), at)
    every.sort()
    found = {}
    for sha in evidence.chain:
        at = first.get(sha, evidence.now)
        earlier = bisect_left(every, at)
        found[sha] = FirstSight(at=at, after=every[earlier - 1] if earlier else None)
    return found


def _signatures(facts: LandedEvidence) -> dict[str, list[SignatureCheck]]:
    found: dict[str, list[SignatureCheck]] = {}
    for sha, status, signer, key, trust, reason in facts.signature_checks():
        check = SignatureCheck(
            sha=sha, status=SignatureStatus(status), signer=signer, key=key, trust=trust, reason=reason
        )
        found.setdefault(sha, []).append(check)
    return found
