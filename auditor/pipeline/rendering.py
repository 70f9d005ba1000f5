"""Renders the tip's Kustomize roots and judges what comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.errors import MissingPartError
from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Sighting
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror
from auditor.git.names import storable
from auditor.git.tree import CommitTree
from auditor.manifests.declared import DeclaredProblem, ProblemCause, declared_set
from auditor.manifests.environment import EnvironmentRule
from auditor.manifests.secrets import Redactor
from auditor.model import Outcome, Resource
from auditor.pipeline.contents import JudgementRow
from auditor.pipeline.progress import Progress
from auditor.pipeline.replay import Replay
from auditor.pipeline.worker import WorkerSpec, judgement_row
from auditor.policy.builtin import KUSTOMIZE_BUILD
from auditor.policy.judge import Judge


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedTip:
    """What the roots render to. `failures` and `skipped` give the reason by root folder.

    A failure is a finding about the repository (the build is broken); a skip is something that auditor
    does not do (fetching a remote base). Neither counts as a pass.
    """

    resources: tuple[Resource, ...]
    judgements: Mapping[str, JudgementRow]
    failures: Mapping[str, tuple[str, str]]
    skipped: Mapping[str, str]

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
            judgement = self.judgements.get(item.document.digest)
            for verdict in judgement.verdicts if judgement else ():
                if verdict.outcome == Outcome.FAIL:
                    yield _sighting(item, verdict.rule_id, verdict.pointer, verdict.message)


NOTHING_RENDERED = RenderedTip(resources=(), judgements={}, failures={}, skipped={})


def _sighting(item: Resource, rule_id: str, pointer: str, message: str) -> Sighting:
    found = item.id
    # A line of the rendered stream stands in no file, so it is not told.
    return Sighting(
        id=fingerprint(rule_id, item.environment, found.group, found.kind, found.namespace, found.name, pointer),
        rule_id=rule_id, source="rendered", environment=item.environment,
        api_version=item.document.api_version, kind=found.kind, namespace=found.namespace, name=found.name,
        path=item.path, line=0, pointer=pointer, message=message, digest=item.document.digest,
    )  # fmt: skip


def render_tip(
    mirror: Mirror,
    replay: Replay,
    *,
    judge: Judge,
    worker: WorkerSpec,
    progress: Progress,
    rules: Sequence[EnvironmentRule],
) -> RenderedTip:
    """Renders what the tip declares through Kustomize, following Flux where it is used, and judges it."""
    if not any(
        row.is_kustomization for row in (replay.contents.blobs[blob] for blob in replay.shown.values())
    ):
        return NOTHING_RENDERED
    progress.stage("rendering the tip", None, "")
    redactor = Redactor(worker.redaction_key)
    with ObjectReader(mirror.git, mirror.path) as reader:
        tree = CommitTree(mirror, mirror.tip, reader)
        try:
            declared = declared_set(tree, environment=None, redactor=redactor, rules=rules)
        except MissingPartError as error:
            return RenderedTip(resources=(), judgements={}, failures={}, skipped={".": error.message})
    resources = tuple(item for item in declared.resources if item.rendered_from)
    documents = {item.document.digest: item.document for item in resources}
    judged = judge.judge(list(documents.values()))
    failures, skipped = _problems(declared.problems, replay)
    return RenderedTip(
        resources=resources,
        judgements={judgement.digest: judgement_row(judgement, redactor.redact_text) for judgement in judged},
        failures=failures,
        skipped=skipped,
    )


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
