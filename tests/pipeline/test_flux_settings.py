"""What the operator says of Flux reaches what is asked of the repository."""

from __future__ import annotations

import hashlib

from auditor.manifests.deployments.declared import DeclaredProblem, ProblemCause
from auditor.pipeline.declared.problems import sorted_problems
from auditor.pipeline.deployment_options import deployment_options
from auditor.settings import RenderingSetting, Settings


def test_variables_and_strictness_are_the_operators() -> None:
    told = RenderingSetting(variables={"prod": {"DOMAIN": "example.com"}}, strict_substitution=False)
    options = deployment_options(Settings(rendering=told))
    assert options.variables == {"prod": {"DOMAIN": "example.com"}}
    assert options.strict_substitution is False
    assert deployment_options(Settings()).strict_substitution is None


def test_what_the_repository_breaks_is_a_finding_and_what_is_not_here_is_not() -> None:
    problems = [
        DeclaredProblem(path=f"{cause.value}.yaml", message="m", cause=cause)
        for cause in (
            ProblemCause.BUILD,
            ProblemCause.PATH,
            ProblemCause.TEMPLATE,
            ProblemCause.VALUES,
            ProblemCause.ELSEWHERE,
            ProblemCause.UNKNOWN,
            ProblemCause.CHART,
            ProblemCause.SCHEMA,
        )
    ]
    found = sorted_problems(problems, lambda path: "prod")
    assert {(one.path, one.rule_id) for one in found.failures.values()} == {
        ("build.yaml", "AUD-KUSTOMIZE-0001"),
        ("path.yaml", "AUD-KUSTOMIZE-0001"),
        ("template.yaml", "AUD-HELM-0010"),
        ("values.yaml", "AUD-HELM-0011"),
    }
    assert {(one.environment, one.message) for one in found.failures.values()} == {("prod", "m")}
    assert set(found.skipped) == {
        ("kustomize", "elsewhere.yaml"),
        ("kustomize", "unknown.yaml"),
        ("helm", "chart.yaml"),
        ("AUD-HELM-0011", "schema.yaml"),
    }
    assert found.unrendered == {"elsewhere.yaml", "unknown.yaml", "chart.yaml"}


def test_a_broken_kustomization_keeps_the_name_that_its_finding_was_recorded_by() -> None:
    """SHA-256 over rule, environment and path, as the first releases recorded it."""
    problem = DeclaredProblem(path="apps/kustomization.yaml", message="m", cause=ProblemCause.BUILD)
    (name,) = sorted_problems([problem], lambda path: "prod").failures
    parts = '["AUD-KUSTOMIZE-0001","prod","","","","apps/kustomization.yaml",""]'
    assert name == f"F-{hashlib.sha256(parts.encode()).hexdigest()[:16]}"
