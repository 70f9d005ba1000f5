"""Suites of `gator verify` as they are: each case's object held against one constraint, and its assertions.

A case that fails is a failure; what cannot be run (another kind of code, an expansion) makes the suite incomplete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from auditor.errors import PolicyError
from auditor.model import Outcome, Severity
from auditor.policy.foreign.gatekeeper import (
    CATEGORY,
    Constraint,
    module_head,
)
from auditor.policy.foreign.interface import EVERY_KIND, ForeignRule, metadata_for
from auditor.policy.foreign.suites import (
    CaseResult,
    SuiteTest,
    assertion_problem,
    objects_in,
    suites_of,
    tests_of,
)
from auditor.policy.foreign.table import SUPPORT_MODULES
from auditor.policy.interface import Answer, Item, rule_key, verdict_of

if TYPE_CHECKING:
    from auditor.policy.interface import Engine
    from auditor.policy.library import Library


_NEEDS_OPA = "it needs OPA, since the embedded engine may lose findings: put `opa` on PATH (`--engine embedded` runs it all the same)"

_TESTS_AT_ONCE = {"opa": 40, "embedded": 4}
"""rego-cpp ends with errors where many policies are together."""


def run_suites(paths: Iterable[Path], engine: str = "auto") -> tuple[CaseResult, ...]:
    """Every case of the suites; a folder stands for all suites below it. `engine` as in `choose_engine`.

    Without OPA cases in Rego are not run, unless the embedded engine is asked for by name. Raises UsageError where a path holds no suite, PolicyError where one cannot be read.
    """
    from auditor.policy.engines import choose_engine

    tests = [test for path in paths for suite in suites_of(path) for test in tests_of(suite)]
    name = choose_engine(engine)
    size = _TESTS_AT_ONCE[name]
    for start in range(0, len(tests), size):
        _run_together(tests[start : start + size], name, runs_rego=name == "opa" or engine == name)
    return tuple(result for test in tests for result in test.results)


def _run_together(tests: Sequence[SuiteTest], engine: str, *, runs_rego: bool) -> None:
    """Runs the tests with one engine; where it runs no Rego of others, those in CEL alone."""
    rules: list[ForeignRule] = []
    modules: dict[str, str] = dict(SUPPORT_MODULES)
    for number, test in enumerate(tests):
        _prepare(test, number, modules)
        if test.rule is not None and not runs_rego:
            test.problem = _NEEDS_OPA
        elif test.rule is not None:
            rules.append(test.rule)
    with ExitStack() as stack:
        asked = _engine(rules, modules, engine, stack) if rules else None
        for test in tests:
            test.results.extend(_run(test, asked))


def _prepare(test: SuiteTest, number: int, modules: dict[str, str]) -> None:
    """Puts the test's constraint into the library's modules, where it has one that can run."""
    constraint = test.constraint
    if constraint is None or constraint.template is None or constraint.reason or test.invalid:
        return
    if constraint.in_cel:
        return
    name = f"suite_{number}"
    package = constraint.template.package
    source = module_head(name, constraint) + _MODULE.format(package=package)
    info = metadata_for(
        f"gator/{number}",
        title=test.name,
        description="",
        severity=Severity.MEDIUM,
        kinds=EVERY_KIND,
        path=test.suite,
    )
    test.rule = ForeignRule(
        category=CATEGORY,
        name=name,
        path=test.suite,
        metadata=info,
        source=source,
        modules=tuple(constraint.template.modules),
    )
    modules.update(constraint.template.modules)
    modules[test.rule.module] = source


_MODULE = """\
stored := gk.gk_inventory(input.parameters.inventory)

findings contains finding if {{
	some thing in input.parameters.candidates
	gk.gk_fits(wanted, thing)
	gk.gk_home_fits(wanted.namespace_labels, thing, {{}})
	asked := {{"review": gator_review(thing), "parameters": parameters, "inventory": stored}}
	named := "violation"
	found := data.{package}[named] with input as asked
	some one in found
	finding := findings_of.finding_of(one)
}}

findings contains finding if {{
	some thing in input.parameters.candidates
	gk.gk_fits(wanted, thing)
	gk.gk_home_unknown(wanted.namespace_labels, thing, {{}})
	finding := {{
		"message": "namespace selector for namespace-scoped object but missing Namespace",
		"pointer": "",
		"details": {{}},
		"outcome": "error",
	}}
}}

gator_review(_) := input.parameters.review if is_object(input.parameters.review)

gator_review(thing) := gk.gk_review(thing) if is_null(input.parameters.review)
"""


def _engine(rules: Sequence[ForeignRule], modules: Mapping[str, str], name: str, stack: ExitStack) -> Engine:
    from auditor.policy.engines import ENGINES
    from auditor.policy.library import Library, Rule

    library: Library = Library(
        rules=tuple(
            Rule(
                folder=one.path.parent,
                category=one.category,
                name=one.name,
                metadata=one.metadata,
                source=one.source,
                foreign=one,
            )
            for one in rules
        ),
        modules=modules,
        folders=(),
        foreign=True,
    )
    address = None
    if name == "opa":
        from auditor.policy.opa_server import running_server

        address = stack.enter_context(running_server(library))
    engine = ENGINES[name](library, address)
    stack.callback(engine.close)
    return engine


def _run(test: SuiteTest, engine: Engine | None) -> Iterator[CaseResult]:
    constraint = test.constraint
    if test.skipped:
        yield test.result("", "skipped", "the suite says so")
    elif test.problem or constraint is None:
        yield test.result("", "not run", test.problem)
    elif test.invalid:
        said = constraint.schema_problem
        yield test.result("", "passed" if said else "failed", "" if said else "the constraint is valid")
    elif constraint.reason:
        yield test.result("", "not run", constraint.reason)
    else:
        for case in test.cases:
            yield _case(test, constraint, case, engine)


def _case(
    test: SuiteTest, constraint: Constraint, case: Mapping[str, Any], engine: Engine | None
) -> CaseResult:
    name = str(case.get("name") or "")
    if case.get("skip") is True:
        return test.result(name, "skipped", "the suite says so")
    assertions = case.get("assertions")
    if not isinstance(assertions, list) or not assertions:
        return test.result(name, "failed", "the case asserts nothing")
    try:
        asked = _question(test.suite.parent, case)
        messages = _messages(test, constraint, asked, engine)
        for assertion in assertions:
            problem = assertion_problem(assertion, messages)
            if problem:
                return test.result(name, "failed", problem)
    except PolicyError as error:
        return test.result(name, "not run", error.message)
    return test.result(name, "passed")


def _question(folder: Path, case: Mapping[str, Any]) -> dict[str, Any]:
    """What the case's constraint is asked about: the object (or both of a review) and the inventory."""
    given = case.get("object")
    if not isinstance(given, str):
        raise PolicyError("the case names no object")
    objects = objects_in(folder / given)
    if len(objects) != 1:
        raise PolicyError(f"{given} defines {len(objects)} objects")
    inventory = [one for name in case.get("inventory") or [] for one in objects_in(folder / str(name))]
    found = objects[0]
    group = str(found.get("apiVersion") or "").rpartition("/")[0]
    if found.get("kind") != "AdmissionReview" or group != "admission.k8s.io":
        return {"candidates": [found], "review": None, "inventory": inventory}
    request = found.get("request")
    if not isinstance(request, Mapping) or not (request.get("object") or request.get("oldObject")):
        raise PolicyError(f"{given}: the AdmissionReview has no object to review")
    review = {**_EMPTY_REVIEW, **request}
    if review["operation"] == "DELETE":
        if not request.get("oldObject"):
            raise PolicyError(f"{given}: oldObject has to be given for DELETE")
        review["object"] = review["oldObject"]
    candidates = [one for one in (review["object"], review["oldObject"]) if isinstance(one, Mapping)]
    return {"candidates": candidates, "review": review, "inventory": inventory}


_EMPTY_REVIEW: Mapping[str, Any] = {
    "uid": "",
    "kind": {"group": "", "version": "", "kind": ""},
    "resource": {"group": "", "version": "", "resource": ""},
    "operation": "",
    "userInfo": {},
    "object": None,
    "oldObject": None,
    "options": None,
}


def _messages(
    test: SuiteTest, constraint: Constraint, asked: Mapping[str, Any], engine: Engine | None
) -> list[str]:
    """The messages of all violations. PolicyError where the rule could not tell."""
    if constraint.in_cel:
        return _expression_messages(test, constraint, asked)
    if test.rule is None or engine is None:
        raise PolicyError("the constraint was not compiled")
    path = (CATEGORY, test.rule.name)
    answer: Answer = engine.evaluate([Item((path,), b"{}", orjson.dumps(asked))])[0]
    key = rule_key(path)
    if key in answer.errors:
        raise PolicyError(answer.errors[key])
    verdicts = [verdict_of(test.rule.metadata.id, finding) for finding in answer.findings[key]]
    for verdict in verdicts:
        if verdict.outcome is not Outcome.FAIL:
            raise PolicyError(verdict.message)
    return [verdict.message for verdict in verdicts]


def _expression_messages(test: SuiteTest, constraint: Constraint, asked: Mapping[str, Any]) -> list[str]:
    info = metadata_for(
        "gator/cel",
        title=test.name,
        description="",
        severity=Severity.MEDIUM,
        kinds=EVERY_KIND,
        path=test.suite,
    )
    review = asked["review"]
    verdicts = constraint.expression_rule(info).check(
        review["object"] if review else asked["candidates"][0],
        before=review["oldObject"] if review else None,
        request=review,
    )
    for verdict in verdicts:
        if verdict.outcome is not Outcome.FAIL:
            raise PolicyError(verdict.message)
    return [verdict.message for verdict in verdicts]
