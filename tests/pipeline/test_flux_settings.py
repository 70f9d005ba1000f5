"""What the operator says of Flux reaches what is asked of the repository."""

from __future__ import annotations

from auditor.manifests.deployments.declared import DeclaredProblem, ProblemCause
from auditor.pipeline.declared.rendering import problems_by_path
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
        for cause in (ProblemCause.BUILD, ProblemCause.PATH, ProblemCause.ELSEWHERE, ProblemCause.UNKNOWN)
    ]
    failures, skipped = problems_by_path(problems, lambda path: "prod")
    assert failures == {"build.yaml": ("prod", "m"), "path.yaml": ("prod", "m")}
    assert set(skipped) == {"elsewhere.yaml", "unknown.yaml"}
