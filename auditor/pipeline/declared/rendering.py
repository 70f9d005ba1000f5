"""Renders the tip's Kustomize roots beside the reading of history, and judges what comes out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from auditor.errors import MissingPartError
from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Sighting
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror
from auditor.git.names import storable
from auditor.git.tree import CommitTree
from auditor.manifests.deployments.declared import DeclaredProblem, ProblemCause, declared_set
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.deployments.sources import KINDS_THAT_DECLARE, candidates
from auditor.manifests.layout import is_kustomization_name
from auditor.manifests.secrets import Redactor
from auditor.model import Document, Outcome, ParsedBlob, Resource
from auditor.pipeline.declared.kept_renderings import KeptRenderings, digests_in
from auditor.pipeline.mining.contents import (
    Batch,
    BlobRow,
    Contents,
    JudgementRow,
    judgement_key,
    no_profile,
)
from auditor.pipeline.mining.replay import Replay
from auditor.pipeline.mining.resuming import known_judgements
from auditor.pipeline.mining.worker import judgement_row
from auditor.policy.builtin import KUSTOMIZE_BUILD
from auditor.policy.judge import Judge
from auditor.store.database import Database
from auditor.store.renderings import StoredRenderings, stored_renderings

_NOTHING_LEFT = StoredRenderings()


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedTip:
    """What the roots render to. `failures` and `skipped` give the reason by root folder.

    A failure is a finding about the repository (the build is broken); a skip is something that auditor
    does not do (fetching a remote base). Neither counts as a pass. `opened` is the commit that brought in what
    the last run did not see, '' where that is not known; `left` is for the next run. `judgements` are by
    `judgement_key`, `profile_of` names the parameters of an environment.
    """

    resources: tuple[Resource, ...]
    judgements: Mapping[str, JudgementRow]
    failures: Mapping[str, tuple[str, str]]
    skipped: Mapping[str, str]
    opened: str = ""
    left: StoredRenderings = _NOTHING_LEFT
    profile_of: Callable[[str], str] = no_profile

    def judgement(self, item: Resource) -> JudgementRow | None:
        """How a rendered resource was judged, by the parameters of its environment."""
        return self.judgements.get(_judgement_key(item, self.profile_of))

    def resource_rows(self) -> Iterator[tuple[Any, ...]]:
        """Rows of trail.resource without repo."""
        for item in self.resources:
            document = item.document
            yield (
                item.environment, document.api_version, document.kind, document.namespace, document.name, item.path,
                document.line, "", item.rendered_from, document.digest,
            )  # fmt: skip

    def sightings(self) -> Iterator[Sighting]:
        """Every violation in what was rendered, and every root that does not build."""
        for folder, (environment, reason) in sorted(self.failures.items()):
            yield Sighting(
                id=fingerprint(KUSTOMIZE_BUILD, environment, "", "", "", folder, ""),
                rule_id=KUSTOMIZE_BUILD, source="rendered", environment=environment, api_version="", kind="",
                namespace="", name="", path=folder, line=0, pointer="", message=reason, digest="",
            )  # fmt: skip
        for item in self.resources:
            judgement = self.judgement(item)
            for verdict in judgement.verdicts if judgement else ():
                if verdict.outcome == Outcome.FAIL:
                    yield rendered_sighting(item, verdict.rule_id, verdict.pointer, verdict.message)


NOTHING_RENDERED = RenderedTip(resources=(), judgements={}, failures={}, skipped={})


def rendered_sighting(item: Resource, rule_id: str, pointer: str, message: str) -> Sighting:
    """What a rule found in a rendered resource."""
    found = item.id
    # A line of the rendered stream stands in no file, so it is not told.
    return Sighting(
        id=fingerprint(rule_id, item.environment, found.group, found.kind, found.namespace, found.name, pointer),
        rule_id=rule_id, source="rendered", environment=item.environment,
        api_version=item.document.api_version, kind=found.kind, namespace=found.namespace, name=found.name,
        path=item.path, line=0, pointer=pointer, message=message, digest=item.document.digest,
    )  # fmt: skip


class TipRendering:
    """Renders the tip in a thread of its own, from entering the block on, beside the reading of history.

    It needs the tip's tree and nothing of the replay. `finish` waits for it and judges what is new in it.
    """

    def __init__(
        self,
        mirror: Mirror,
        *,
        database: Database,
        repo: str,
        redactor: Redactor,
        options: DeploymentOptions,
        known: Mapping[str, BlobRow],
        resumes: bool,
    ) -> None:
        """`known` are blobs that need not be parsed again; it may grow meanwhile. `resumes`: what the last run
        rendered and judged counts still.
        """
        self._mirror = mirror
        self._database = database
        self._repo = repo
        self._redactor = redactor
        self._options = options
        self._known = known
        self._resumes = resumes
        self._cache: KeptRenderings | None = None
        self._judgements: list[JudgementRow] = []
        self._result: _Rendered | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="rendering the tip", daemon=True)

    def __enter__(self) -> TipRendering:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._cache is not None:
            self._cache.cancelled = True
        self._thread.join()

    def finish(self, replay: Replay, *, judge: Judge) -> RenderedTip:
        """Waits, and judges what no earlier run has. Raises what rendering raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        found = self._result
        if found is None or not any(
            row.is_kustomization for row in (replay.contents.blobs[blob] for blob in replay.shown.values())
        ):
            return NOTHING_RENDERED
        new = self._not_judged(found, replay.contents, judge)
        if any(not item.document.manifest for item in new.values()):
            # Kept from the last run, where it was in no environment of these parameters: its manifest is wanted.
            found = replace(self._rendered(anew=True) or found, opened=found.opened)
            new = self._not_judged(found, replay.contents, judge)
        self._judge(list(new.values()), replay.contents, judge)
        failures, skipped = _problems(found.problems, replay)
        keys = {_judgement_key(item, judge.profile_of) for item in found.resources}
        return RenderedTip(
            resources=found.resources,
            judgements={key: replay.contents.judgements[key] for key in keys},
            failures=failures,
            skipped=skipped,
            opened=found.opened,
            left=found.left,
            profile_of=judge.profile_of,
        )

    def _not_judged(self, found: _Rendered, contents: Contents, judge: Judge) -> dict[str, Resource]:
        """The resources that no run has judged by the parameters of their environment, each content once."""
        contents.know((), (row for row in self._judgements if row.key not in contents.judgements))
        by_key = {_judgement_key(item, judge.profile_of): item for item in found.resources}
        missing = {key: item for key, item in by_key.items() if key not in contents.judgements}
        if self._resumes and missing:
            digests = {item.document.digest for item in missing.values()}
            recorded = known_judgements(self._database, self._repo, digests)
            contents.know((), (row for row in recorded if row.key not in contents.judgements))
        return {key: item for key, item in missing.items() if key not in contents.judgements}

    def _judge(self, new: Sequence[Resource], contents: Contents, judge: Judge) -> None:
        if not new:
            return
        profiles = [judge.profile_of(item.environment) for item in new]
        judged = judge.judge_by([item.document for item in new], profiles)
        redact = self._redactor.redact_text
        rows = (judgement_row(row, redact, profile) for row, profile in zip(judged, profiles, strict=True))
        contents.add(Batch((), tuple(rows), ()))

    def _run(self) -> None:
        try:
            self._result = self._rendered()
        except InterruptedError:
            return
        except BaseException as error:
            self._error = error

    def _rendered(self, *, anew: bool = False) -> _Rendered | None:
        """`anew`: without taking anything from the last run."""
        tip = self._mirror.tip
        with ObjectReader(self._mirror.git, self._mirror.path) as reader:
            tree = CommitTree(self._mirror, tip, reader)
            if not any(is_kustomization_name(path) for path in tree.paths()):
                return None
            resumes = self._resumes and not anew
            stored = stored_renderings(self._database, self._repo) if resumes else StoredRenderings()
            self._judgements = known_judgements(self._database, self._repo, digests_in(stored))
            cache = self._cache = KeptRenderings(
                stored,
                tip=tip,
                content=tree.blob,
                judged={row.digest for row in self._judgements},
                redactor=self._redactor,
            )
            try:
                declared = declared_set(
                    tree,
                    environment=None,
                    redactor=self._redactor,
                    options=self._options,
                    parsed=parsed_already(tree, self._known),
                    cache=cache,
                )
            except MissingPartError as error:
                problem = DeclaredProblem(path=".", message=error.message, cause=ProblemCause.REMOTE)
                return _Rendered(resources=(), problems=(problem,), opened="", left=StoredRenderings())
            opened = tip if cache.follows(_first_parent(reader, tip)) else ""
        return _Rendered(
            resources=tuple(item for item in declared.resources if item.rendered_from),
            problems=declared.problems,
            opened=opened,
            left=cache.left(),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rendered:
    """What the thread gives, not judged yet."""

    resources: tuple[Resource, ...]
    problems: tuple[DeclaredProblem, ...]
    opened: str
    left: StoredRenderings


def parsed_already(tree: CommitTree, known: Mapping[str, BlobRow]) -> dict[str, ParsedBlob]:
    """The files that need no parsing: nothing but their objects' names and digests matters to what is declared."""
    found: dict[str, ParsedBlob] = {}
    for path in candidates(tree):
        row = known.get(tree.blob(path))
        if row is None or is_kustomization_name(path):
            continue
        if not any(document.kind in KINDS_THAT_DECLARE for document in row.documents):
            found[path] = _without_manifests(row)
    return found


def _without_manifests(row: BlobRow) -> ParsedBlob:
    documents = (
        Document(
            index=found.document, item=found.item, line=found.line, api_version=found.api_version,
            kind=found.kind, namespace=found.namespace, name=found.name, manifest={}, digest=found.digest,
        )
        for found in row.documents
    )  # fmt: skip
    return ParsedBlob(
        documents=tuple(documents), problems=(), is_kustomization=row.is_kustomization, fragments=()
    )


def _judgement_key(item: Resource, profile_of: Callable[[str], str]) -> str:
    return judgement_key(item.document.digest, profile_of(item.environment))


def _first_parent(reader: ObjectReader, commit: str) -> str:
    """The commit's first parent, '' for a root."""
    header = (reader.read(commit) or b"").partition(b"\n\n")[0]
    parents = [line[7:].decode() for line in header.split(b"\n") if line.startswith(b"parent ")]
    return parents[0] if parents else ""


def _problems(
    problems: Iterable[DeclaredProblem], replay: Replay
) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Broken builds are findings; what auditor leaves out by design is skipped, with its reason."""
    failures: dict[str, tuple[str, str]] = {}
    skipped: dict[str, str] = {}
    for problem in problems:
        if problem.cause is ProblemCause.BUILD:
            failures[problem.path] = (replay.environment_of(problem.path), storable(problem.message))
        elif problem.cause is not ProblemCause.FILE:
            skipped[problem.path] = storable(problem.message)
    return failures, skipped
