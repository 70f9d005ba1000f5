"""Renders the tip, and landings before it, beside the reading of history, and judges what comes out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType

from auditor.errors import MissingPartError
from auditor.git.blobs import ObjectReader
from auditor.git.history import Skeleton
from auditor.git.landed_tree import LandedTree
from auditor.git.mirror import Mirror
from auditor.manifests.deployments.declared import DeclaredProblem, ProblemCause
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.deployments.sources import KINDS_THAT_DECLARE
from auditor.manifests.deployments.traces import Deployed
from auditor.manifests.rendering.chart_cache import ChartCache
from auditor.manifests.rendering.helm import HELM
from auditor.manifests.rendering.kustomize import RENDERERS
from auditor.manifests.secrets import Redactor
from auditor.model import Document, FileChange, Resource
from auditor.pipeline.declared.kept_renderings import KeptRenderings, digests_in
from auditor.pipeline.declared.landed_renderings import Line, RenderedLanding, may_render
from auditor.pipeline.declared.problems import problems_of_charts, sorted_problems
from auditor.pipeline.declared.rendered_tip import NOTHING_RENDERED, RenderedTip, judgement_of_rendered
from auditor.pipeline.declared.window import Landed, RenderedHistory, landings_to_render
from auditor.pipeline.mining.contents import (
    Batch,
    BlobRow,
    Contents,
    JudgementRow,
    judgement_key,
)
from auditor.pipeline.mining.replay import Replay
from auditor.pipeline.mining.resuming import known_judgements
from auditor.pipeline.mining.worker import judgement_row
from auditor.policy.judge import Judge
from auditor.store.database import Database
from auditor.store.renderings import StoredRenderings, stored_renderings

_NOTHING_LEFT = StoredRenderings()


def _means(options: DeploymentOptions) -> str:
    """Other text wherever the programs, the fetched charts or what charts are told may make another rendering."""
    programs = (RENDERERS["kustomize"].identity(), HELM.identity())
    told = (ChartCache(options.charts).state(), options.kubernetes_version, *options.api_versions)
    told += (
        repr(options.variables),
        repr(options.strict_substitution),
        repr(sorted(options.repository_urls)),
    )
    told += (repr(options.clusters), options.branch)
    return "\n".join((*programs, *told))


@dataclass(frozen=True, kw_only=True)
class WhatLanded:
    """What is new in the line: its skeleton, and the changes of each landing against its first parent."""

    skeleton: Skeleton
    changes_of: Mapping[str, Sequence[FileChange]]


class TipRendering:
    """Renders the tip, and the landings before it that are asked for, in a thread of its own, from entering the block
    on, beside the reading of history.

    It needs the trees and nothing of the replay. `finish` waits for it and judges what is new in it.
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
        history: RenderedHistory,
        landed: WhatLanded,
        profile_of: Callable[[str], str],
        look: Callable[[Document], None],
    ) -> None:
        """`known` are blobs that need not be parsed again; it may grow meanwhile. `resumes`: what the last run
        rendered and judged counts still. `profile_of` names the parameters of an environment.
        `look` is shown each document that is rendered anew, in the thread of the rendering.
        """
        self._mirror = mirror
        self._database = database
        self._repo = repo
        self._redactor = redactor
        self._options = options
        self._known = known
        self._resumes = resumes
        self._history = history
        self._landed = landed
        self._profile_of = profile_of
        self._look = look
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
        if found is None:
            return NOTHING_RENDERED
        if found.resources and not _counts(replay):
            found = _nothing(found.landings[-1].landed)
        new = self._not_judged(found, replay.contents)
        lost = {document.digest for document, _ in new.values() if not document.manifest}
        if lost:
            # Kept from the last run, where it was in no environment of these parameters: its manifest is wanted.
            found = self._rendered(whole=lost) or found
            new = self._not_judged(found, replay.contents)
        self._judge(list(new.values()), replay.contents, judge)
        of_charts = problems_of_charts(found.deployed)
        keys = {judgement_of_rendered(item, judge.profile_of) for item in _every_resource(found)}
        return RenderedTip(
            resources=found.resources,
            judgements={key: replay.contents.judgements[key] for key in keys},
            problems=sorted_problems(found.problems, replay.environment_of, of_charts),
            required=_required(found.problems) if self._options.charts_required else frozenset(),
            landings=found.landings,
            left=found.left,
            profile_of=judge.profile_of,
            deployed=found.deployed,
        )

    def _not_judged(self, found: _Rendered, contents: Contents) -> dict[str, tuple[Document, str]]:
        """The documents (each with its environment) that no run has judged by the parameters of their environment,
        each content once."""
        contents.know((), (row for row in self._judgements if row.key not in contents.judgements))
        by_key = {
            judgement_of_rendered(item, self._profile_of): (item.document, item.environment)
            for item in _every_resource(found)
        }
        missing = {key: entry for key, entry in by_key.items() if key not in contents.judgements}
        if self._resumes and missing:
            digests = {document.digest for document, _ in missing.values()}
            recorded = known_judgements(self._database, self._repo, digests)
            contents.know((), (row for row in recorded if row.key not in contents.judgements))
        return {
            key: (found.manifests.get((document.digest, environment), document), environment)
            for key, (document, environment) in missing.items()
            if key not in contents.judgements
        }

    def _judge(self, new: Sequence[tuple[Document, str]], contents: Contents, judge: Judge) -> None:
        if not new:
            return
        profiles = [judge.profile_of(environment) for _, environment in new]
        judged = judge.judge_by([document for document, _ in new], profiles)
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

    def _rendered(self, *, whole: frozenset[str] | set[str] = frozenset()) -> _Rendered | None:
        """Every landing that is asked for. Where manifests of the digests in `whole` are wanted, nothing is taken
        from the last run."""
        resumes = self._resumes and not whole
        stored = stored_renderings(self._database, self._repo)
        landings = landings_to_render(
            self._mirror, self._landed.skeleton, self._history, rendered_tip=stored.tip
        )
        if not resumes:
            stored = StoredRenderings(tip=stored.tip, since=stored.since, held=stored.held)
        self._judgements = known_judgements(self._database, self._repo, digests_in(stored))
        judged = {row.key for row in self._judgements}
        with ObjectReader(self._mirror.git, self._mirror.path) as reader:
            tree = LandedTree(self._mirror, landings[0].sha, reader)
            if len(landings) == 1 and not may_render(tree):
                return _nothing(landings[0])
            cache = self._cache = KeptRenderings(
                stored,
                means=_means(self._options),
                content=tree.blob,
                judged={row.digest for row in self._judgements},
                redactor=self._redactor,
                whole=whole,
                look=self._look,
            )
            line = Line(
                tree=tree,
                redactor=self._redactor,
                options=self._options,
                cache=cache,
                known=self._known,
                is_wanted=lambda digest, environment: (
                    judgement_key(digest, self._profile_of(environment)) not in judged
                ),
            )
            if stored.tip == landings[0].sha:
                line.remember(stored.held)
            is_root = not _first_parent(reader, landings[0].sha)
            try:
                found = tuple(line.walk(landings, self._landed.changes_of, from_nothing=is_root))
            except MissingPartError as error:
                problem = DeclaredProblem(path=".", message=error.message, cause=ProblemCause.REMOTE)
                return _Rendered(problems=(problem,))
        since = landings[0].position
        if stored.tip == landings[0].sha and stored.since is not None:
            since = stored.since
        return _Rendered(
            resources=tuple(
                _with_manifest(item, line.manifests)
                for item in sorted(line.declared.values(), key=lambda item: (item.environment, item.path))
            ),
            problems=line.problems,
            landings=found,
            manifests=line.manifests,
            deployed=line.deployed,
            left=cache.left(landings[-1].sha, since=since, held=line.held_now()),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rendered:
    """What the thread gives, not judged yet. `landings` is empty where nothing could be looked at."""

    resources: tuple[Resource, ...] = ()
    problems: tuple[DeclaredProblem, ...] = ()
    landings: tuple[RenderedLanding, ...] = ()
    manifests: Mapping[tuple[str, str], Document] = field(default_factory=dict)
    left: StoredRenderings = _NOTHING_LEFT
    deployed: Deployed | None = None


def _nothing(landed: Landed) -> _Rendered:
    """Nothing is rendered at a landing."""
    landing = RenderedLanding(
        landed=landed, exact=False, complete=True, gone=(), come=(), held=frozenset(), problems=()
    )
    left = StoredRenderings(tip=landed.sha, complete=True, since=landed.position)
    return _Rendered(landings=(landing,), left=left)


def _counts(replay: Replay) -> bool:
    """False where no file that may be rendered counts: all of them are excluded, or there are none."""
    return any(
        path.rpartition("/")[2] == "Chart.yaml"
        or replay.contents.blobs[blob].is_kustomization
        or any(document.kind in KINDS_THAT_DECLARE for document in replay.contents.blobs[blob].documents)
        for path, blob in replay.tree.items()
    )


def _every_resource(found: _Rendered) -> Iterator[Resource]:
    for landing in found.landings:
        yield from landing.come


def _with_manifest(item: Resource, manifests: Mapping[tuple[str, str], Document]) -> Resource:
    known = manifests.get((item.document.digest, item.environment))
    return replace(item, document=replace(item.document, manifest=known.manifest)) if known else item


def _first_parent(reader: ObjectReader, commit: str) -> str:
    """The commit's first parent, '' for a root."""
    header = (reader.read(commit) or b"").partition(b"\n\n")[0]
    parents = [line[7:].decode() for line in header.split(b"\n") if line.startswith(b"parent ")]
    return parents[0] if parents else ""


def _required(problems: Iterable[DeclaredProblem]) -> frozenset[str]:
    """Where charts were missing."""
    return frozenset(problem.path for problem in problems if problem.cause is ProblemCause.CHART)
