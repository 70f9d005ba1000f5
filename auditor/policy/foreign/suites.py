"""Suites of `gator verify`, read: tests with their constraints, cases, assertions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.errors import MissingPartError, PolicyError, UsageError
from auditor.policy.foreign.forms import check_form
from auditor.policy.foreign.gatekeeper import Constraint, is_constraint, read_constraint
from auditor.policy.foreign.interface import ForeignRule
from auditor.policy.foreign.patterns import compiled
from auditor.policy.foreign.table import read_documents
from auditor.policy.foreign.templates import is_template, read_template

SUITE_GROUP = "test.gatekeeper.sh"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseResult:
    """One case of a suite. `outcome` is 'passed', 'failed', 'skipped' (the suite says so) or 'not run'."""

    suite: Path
    test: str
    case: str
    outcome: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.suite}: {self.test}/{self.case}: {self.reason or self.outcome}"


@dataclass(kw_only=True)
class SuiteTest:
    """A test's constraint and cases; `rule` once its module is in the library."""

    suite: Path
    name: str
    cases: Sequence[Mapping[str, Any]]
    invalid: bool = False
    constraint: Constraint | None = None
    problem: str = ""
    rule: ForeignRule | None = None
    skipped: bool = False
    results: list[CaseResult] = field(default_factory=list)

    def result(self, case: str, outcome: str, reason: str = "") -> CaseResult:
        """How one of its cases went."""
        return CaseResult(suite=self.suite, test=self.name, case=case, outcome=outcome, reason=reason)


def is_suite(document: Mapping[str, Any]) -> bool:
    """True for a suite of `gator verify`."""
    group = str(document.get("apiVersion") or "").rpartition("/")[0]
    return document.get("kind") == "Suite" and group == SUITE_GROUP


def suites_of(path: Path) -> list[Path]:
    """The suite, or all suites below a folder. UsageError where there is none."""
    if not path.exists():
        raise UsageError(f"there is no file or folder {path}")
    candidates = sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")]) if path.is_dir() else [path]
    found = [one for one in candidates if one.is_file() and any(map(is_suite, read_documents(one)))]
    if not found:
        raise UsageError(
            f"{path}: no suite of `gator verify` in it",
            hint=f"kind: Suite, apiVersion: {SUITE_GROUP}/v1alpha1",
        )
    return found


def tests_of(path: Path) -> Iterator[SuiteTest]:
    """The tests of a suite, each with its constraint or what is wrong with it. PolicyError for a wrong form."""
    for suite in filter(is_suite, read_documents(path)):
        tests = suite.get("tests") or []
        if not isinstance(tests, list) or not all(isinstance(one, Mapping) for one in tests):
            raise PolicyError(f"{path}: tests is not a list of mappings")
        for one in tests:
            test = SuiteTest(
                suite=path,
                name=str(one.get("name") or ""),
                cases=[case for case in one.get("cases") or [] if isinstance(case, Mapping)],
                invalid=one.get("invalid") is True,
                skipped=suite.get("skip") is True or one.get("skip") is True,
            )
            if one.get("expansion"):
                test.problem = "the test expands its objects, which is not done here"
            elif not test.skipped:
                _read_constraint(test, one)
            yield test


def _read_constraint(test: SuiteTest, one: Mapping[str, Any]) -> None:
    folder = test.suite.parent
    try:
        template = _single(folder, one.get("template"), is_template, "template")
        document = _single(folder, one.get("constraint"), is_constraint, "constraint")
        place = hashlib.sha256(f"{test.suite}\0{test.name}".encode()).hexdigest()[:16]
        read = read_template(template, test.suite, f"foreign.s{place}")
        test.constraint = read_constraint(
            document, read if read.kind == document["kind"] else None, test.suite
        )
    except PolicyError as error:
        test.problem = error.message


def _single(folder: Path, name: Any, wanted: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(name, str):
        raise PolicyError(f"the test names no {what}")
    found = [one for one in objects_in(folder / name) if wanted(one)]
    if len(found) != 1:
        raise PolicyError(f"{folder / name} is no single {what}")
    return found[0]


def objects_in(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The objects of a file. PolicyError where there is none."""
    if not path.is_file():
        raise PolicyError(f"there is no file {path}")
    found = read_documents(path)
    if not found:
        raise PolicyError(f"{path} holds no object")
    for document in found:
        check_form(document, path)
    return found


def assertion_problem(assertion: Any, messages: Sequence[str]) -> str:
    """What an assertion has against the violations' messages, '' where it holds. PolicyError for a wrong one."""
    if not isinstance(assertion, Mapping):
        raise PolicyError("an assertion is not a mapping")
    wanted, pattern = assertion.get("violations", "yes"), assertion.get("message")
    if wanted is None:
        wanted = "yes"
    # YAML 1.1 reads a bare yes and no as truth values.
    wanted = {True: "yes", False: "no"}.get(wanted, wanted) if isinstance(wanted, bool) else wanted
    try:
        matching = [one for one in messages if pattern is None or compiled(str(pattern)).search(one)]
    except (ValueError, MissingPartError) as error:
        raise PolicyError(str(error)) from error
    count = len(matching)
    if isinstance(wanted, int) and wanted >= 0:
        holds = count == wanted
    elif wanted in ("yes", "no"):
        holds = (count > 0) is (wanted == "yes")
    else:
        raise PolicyError('violations is to be a number, "yes" or "no"')
    about = f" matching {pattern!r}" if pattern is not None else ""
    return (
        "" if holds else f"{count} violations{about} where {wanted} are asserted; messages: {list(messages)}"
    )
