"""Why the declared set is not whole, as findings and as gaps: what the repository breaks, and what auditor leaves out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Sighting
from auditor.git.names import storable
from auditor.manifests.deployments.interface import DeclaredProblem, ProblemCause
from auditor.manifests.deployments.traces import Deployed
from auditor.manifests.rendering.chart_schemas import ReleaseRef
from auditor.manifests.rendering.helm_work import HelmWork
from auditor.policy.builtin import KUSTOMIZE_BUILD
from auditor.policy.builtin_charts import CHART_BUILD, CHART_VALUES
from auditor.store.output.lists import with_item

KUSTOMIZE = "kustomize"
HELM = "helm"

_RULES: Mapping[ProblemCause, str] = {
    ProblemCause.BUILD: KUSTOMIZE_BUILD,
    ProblemCause.PATH: KUSTOMIZE_BUILD,
    ProblemCause.TEMPLATE: CHART_BUILD,
    ProblemCause.VALUES: CHART_VALUES,
}
"""What is wrong in the repository itself and keeps a deployment from being applied, with the rule that finds it."""

_LONGEST_REASON = 4000


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """What a rule found: in a file or folder, or in the values of `about`."""

    rule_id: str
    environment: str
    path: str
    message: str
    line: int = 0
    pointer: str = ""
    about: ReleaseRef | None = None

    @property
    def name(self) -> str:
        """Its name among findings."""
        about = self.about or ReleaseRef(environment=self.environment, name=self.path)
        group = about.api_version.rpartition("/")[0]
        return fingerprint(
            self.rule_id, about.environment, group, about.kind, about.namespace, about.name, ""
        )


@dataclass(kw_only=True)
class Problems:
    """`failures` by name, and the reasons of what is `skipped` by (subject, path)."""

    failures: dict[str, Failure] = field(default_factory=dict)
    skipped: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def unrendered(self) -> frozenset[str]:
        """The paths of what was not rendered by design."""
        return frozenset(path for subject, path in self.skipped if subject != CHART_VALUES)


def sorted_problems(
    problems: Iterable[DeclaredProblem],
    environment_of: Callable[[str], str],
    of_charts: Collection[DeclaredProblem] = (),
) -> Problems:
    """Broken builds are failures; what auditor leaves out by design is skipped, with its reasons: one file may declare
    many deployments. `of_charts` are those that came up with Helm charts."""
    found = Problems()
    for problem in problems:
        message = storable(problem.message)
        rule_id = _RULES.get(problem.cause)
        if rule_id is not None:
            failure = Failure(
                rule_id=rule_id,
                environment=problem.about.environment if problem.about else environment_of(problem.path),
                path=problem.path,
                message=message,
                line=problem.line,
                pointer=storable(problem.pointer),
                about=problem.about,
            )
            before = found.failures.get(failure.name)
            if before is not None:
                failure = replace(before, message=_together(before.message, message))
            found.failures[failure.name] = failure
        elif problem.cause is not ProblemCause.FILE:
            key = (_subject(problem, of_charts), problem.path)
            found.skipped[key] = _together(found.skipped.get(key, ""), message)
    return found


def _subject(problem: DeclaredProblem, of_charts: Collection[DeclaredProblem]) -> str:
    if problem.cause is ProblemCause.SCHEMA:
        return CHART_VALUES
    return HELM if problem.cause is ProblemCause.CHART or problem in of_charts else KUSTOMIZE


def problems_of_charts(deployed: Deployed | None) -> frozenset[DeclaredProblem]:
    """The problems of deployments that install charts."""
    nodes = deployed.nodes if deployed is not None else {}
    return frozenset(
        problem
        for name, node in nodes.items()
        if name.kind in _INSTALL_CHARTS or any(isinstance(work, HelmWork) for work in node.plan.work)
        for problem in node.problems
    )


_INSTALL_CHARTS = ("flux-helm-release", "chart")


def broken_builds(failures: Mapping[str, Failure]) -> Iterator[Sighting]:
    """Every folder that does not build, every chart that does not render or is given values that do not fit."""
    for failure in sorted(failures.values(), key=lambda one: (one.rule_id, one.path, one.name)):
        about = failure.about if failure.about is not None and failure.about.kind else None
        yield Sighting(
            id=failure.name, rule_id=failure.rule_id, source="rendered", environment=failure.environment,
            api_version=about.api_version if about else "", kind=about.kind if about else "",
            namespace=about.namespace if about else "", name=about.name if about else "",
            path=failure.path, line=failure.line, pointer=failure.pointer, message=failure.message, digest="",
        )  # fmt: skip


def rule_results(
    problems: Problems, deployed: Deployed | None, folders: Collection[str]
) -> dict[str, tuple[int, int, int, int]]:
    """By rule: what it was asked of, what failed, and what was skipped. `folders` are those that something was rendered
    from: a kustomization counts as evaluated where it was built, or should have been."""
    nodes = deployed.nodes.values() if deployed is not None else ()
    releases = [(node, work) for node in nodes for work in node.plan.work if isinstance(work, HelmWork)]
    charts = {work.folder for _, work in releases}
    evaluated = {
        KUSTOMIZE_BUILD: len(set(folders) - charts),
        CHART_BUILD: sum(node.resources is not None for node, _ in releases),
        CHART_VALUES: sum(work.about is not None for _, work in releases),
    }
    results: dict[str, tuple[int, int, int, int]] = {}
    for rule_id, subject in ((KUSTOMIZE_BUILD, KUSTOMIZE), (CHART_BUILD, HELM), (CHART_VALUES, CHART_VALUES)):
        failed = sum(failure.rule_id == rule_id for failure in problems.failures.values())
        skipped = sum(about == subject for about, _ in problems.skipped)
        results[rule_id] = (evaluated[rule_id] + failed, failed, skipped, 0)
    return results


def _together(before: str, message: str) -> str:
    return with_item(before, message) if len(before) < _LONGEST_REASON else before
