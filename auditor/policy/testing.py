"""What `auditor policy test` runs: every rule on its examples, on every engine there is, and OPA's own tests.

A bad example says in comments where the rule must fire, one line a pointer: `# fires at: spec.url`. An example may
set the rule's parameters, as JSON: `# parameters: {"allowed": ["registry.example.org/"]}`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from auditor.assets import asset_folder
from auditor.errors import PolicyError
from auditor.model import Document, Outcome, Verdict
from auditor.policy.judge import Judge, JudgeSpec, engine_session
from auditor.policy.library import Library, Rule, is_own, load_library
from auditor.policy.rulesreport import RulesReport

WHOLE_RESOURCE = "(the resource)"
"""How an example writes the pointer '', which stands for the whole resource."""

_FIRES = re.compile(r"^# fires at: (.+?)\s*$", re.MULTILINE)
_PARAMETERS = re.compile(r"^# parameters: (.+?)\s*$", re.MULTILINE)
_OPA_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ExampleResult:
    """One example of one rule on one engine; `reason` is '' where it went as the example says."""

    rule_id: str
    path: Path
    engine: str
    verdicts: tuple[Verdict, ...]
    reason: str

    @property
    def passed(self) -> bool:
        """True where the rule did what the example says."""
        return not self.reason


@dataclass(frozen=True, kw_only=True, slots=True)
class OpaResult:
    """One run of the `opa` program over the rules' folders."""

    command: str
    passed: bool
    output: str


def test_library(policy_folders: Iterable[Path]) -> RulesReport:
    """All of it: the examples on every engine there is, and OPA's own checks where it is installed.

    Without `opa` a line says what was not run. PolicyError where the rules cannot be loaded.
    """
    from auditor.policy.opa_server import find_opa, refused_rules

    folders = tuple(policy_folders)
    library = load_library(folders)
    lines: list[str] = []
    failures: list[str] = []
    checked = 0
    for engine in ("embedded", "opa") if find_opa() else ("embedded",):
        results = run_examples(engine, folders)
        wrong = [f"{r.rule_id} {r.path} on {engine}: {r.reason}" for r in results if not r.passed]
        lines.append(f"{engine}: {len(results) - len(wrong)} of {len(results)} examples as they say")
        failures.extend(wrong)
        checked += len(results)
    if len(lines) == 1:
        lines.append("opa: not installed, so its engine and its own tests were not run")
    if library.foreign_rules:
        count = len(library.foreign_rules)
        program = find_opa()
        refused = refused_rules(library, program)[1] if program else {}
        lines.append(
            f"written for conftest or Gatekeeper: OPA takes {count - len(refused)} of {count} rules; their own tests are not run"
            if program
            else f"written for conftest or Gatekeeper: {count} rules, not tried without OPA"
        )
        failures.extend(f"{rule_id}: OPA refuses it: {reason}" for rule_id, reason in refused.items())
    for run in run_opa_tests(folders):
        lines.append(f"{run.command}: {'passed' if run.passed else 'failed'}")
        if not run.passed:
            failures.append(f"{run.command}: {run.output}")
    return RulesReport(lines=tuple(lines), failures=tuple(failures), checked=checked)


def run_examples(
    engine: str, policy_folders: Sequence[Path] = (), *, base: Path | None = None
) -> list[ExampleResult]:
    """Every rule on its good and bad examples with one engine ('opa' or 'embedded')."""
    library = load_library(policy_folders, base=base)
    results: list[ExampleResult] = []
    with ExitStack() as stack:
        # One server for all, where the rules are those that a server is given.
        session = (
            stack.enter_context(engine_session(engine, policy_folders=policy_folders))
            if base is None
            else None
        )
        judges: dict[str, Judge] = {}
        for rule, path in examples_of(library):
            given = parameters_of(path.read_text(encoding="utf-8"), str(path))
            key = orjson.dumps([rule.id, given]).decode() if given else ""
            if key not in judges:
                spec = JudgeSpec(
                    policy_folders=tuple(policy_folders),
                    engine=engine,
                    base=base,
                    schemas=False,
                    parameters={rule.id: given} if given else {},
                )
                judges[key] = stack.enter_context(Judge(spec, session=session))
            results.append(_run(judges[key], rule, path))
    return results


def parameters_of(text: str, path: str) -> dict[str, Any]:
    """The parameters that an example sets, {} where it sets none. PolicyError where they are not JSON."""
    found = _PARAMETERS.search(text)
    if not found:
        return {}
    try:
        given = orjson.loads(found[1])
    except orjson.JSONDecodeError as error:
        raise PolicyError(f"{path}: the parameters of the example are not JSON: {error}") from error
    if not isinstance(given, dict):
        raise PolicyError(f"{path}: the parameters of the example are no JSON object")
    return given


def examples_of(library: Library) -> Iterator[tuple[Rule, Path]]:
    """Every rule with each of its examples, good before bad."""
    for rule in library.rules:
        for prefix in ("good", "bad"):
            for path in rule.examples(prefix):
                yield rule, path


def run_opa_tests(policy_folders: Sequence[Path] = (), *, coverage: bool = False) -> list[OpaResult]:
    """`opa check --strict` and `opa test` over the shipped rules and the folders; [] without `opa`.

    With `coverage` the output of `opa test` is its report of coverage (JSON), where all tests pass.
    """
    from auditor.policy.opa_server import find_opa

    program = find_opa()
    if not program:
        return []
    # Examples lie beside the rules and OPA would load them as data; others' policies are not ours to test.
    own = [str(place) for folder in policy_folders for place in _own_places(folder)]
    folders = ["--ignore", "*.yaml", str(asset_folder("policies")), *own]
    options = ["--coverage"] if coverage else []
    return [_opa([program, "check", "--strict", *folders]), _opa([program, "test", *options, *folders])]


def _own_places(folder: Path) -> Iterator[Path]:
    """What of a user's folder is in our layout: its rules' folders, and the modules that they share."""
    yield from (path for path in sorted((folder / "lib").glob("*.rego")) if is_own(path))
    yield from (
        rule.folder
        for rule in load_library((folder,)).rules
        if rule.foreign is None and rule.folder.is_relative_to(folder)
    )


def expected_pointers(text: str) -> frozenset[str]:
    """Where an example says that its rule fires; empty for a good example."""
    return frozenset("" if found == WHOLE_RESOURCE else found for found in _FIRES.findall(text))


def documents_of(text: str) -> list[Document]:
    """The example's documents as the rules get them. PolicyError where it is not YAML or no manifest."""
    try:
        contents = [content for content in yaml.load_all(text, Loader=_ExampleLoader) if content]
    except yaml.YAMLError as error:
        raise PolicyError(f"the example is not YAML: {error}") from error
    return [_document(number, content) for number, content in enumerate(contents)]


class _ExampleLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader without time stamps: in a manifest a date is text."""


_ExampleLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _ExampleLoader.yaml_implicit_resolvers.items()
}


def _document(index: int, content: Any) -> Document:
    if not isinstance(content, dict) or not isinstance(content.get("kind"), str):
        raise PolicyError(f"document {index} of the example is no manifest")
    metadata = content.get("metadata") or {}
    return Document(
        index=index,
        item=None,
        line=1,
        api_version=str(content.get("apiVersion", "")),
        kind=content["kind"],
        namespace=str(metadata.get("namespace", "")),
        name=str(metadata.get("name", "")),
        manifest=content,
        digest=orjson.dumps(content, option=orjson.OPT_SORT_KEYS).hex()[:64],
    )


def _run(judge: Judge, rule: Rule, path: Path) -> ExampleResult:
    text = path.read_text(encoding="utf-8")
    expected = expected_pointers(text)
    verdicts: list[Verdict] = []
    reason = ""
    try:
        documents = documents_of(text)
        evaluated, verdicts = (
            _together(judge, rule, documents) if rule.over_set else _apart(judge, rule, documents)
        )
        if not evaluated and not verdicts:
            reason = "the rule does not look at a kind in the example"
    except PolicyError as error:
        reason = error.message
    return ExampleResult(
        rule_id=rule.id,
        path=path,
        engine=judge.engine_name,
        verdicts=tuple(verdicts),
        reason=reason or _difference(path, expected, verdicts),
    )


def _apart(judge: Judge, rule: Rule, documents: Sequence[Document]) -> tuple[bool, list[Verdict]]:
    """Whether the rule looked at every document, and what it said of them."""
    judgements = judge.judge(documents)
    verdicts = [one for judgement in judgements for one in judgement.verdicts if one.rule_id == rule.id]
    return all(rule.id in judgement.evaluated for judgement in judgements), verdicts


def _together(judge: Judge, rule: Rule, documents: Sequence[Document]) -> tuple[bool, list[Verdict]]:
    """Whether the rule looked at the documents as one environment, and what it said."""
    evaluated, verdicts = judge.judge_together("production", documents)
    return rule.id in evaluated, [verdict for _, verdict in verdicts if verdict.rule_id == rule.id]


def _difference(path: Path, expected: frozenset[str], verdicts: Iterable[Verdict]) -> str:
    errors = [verdict.message for verdict in verdicts if verdict.outcome is not Outcome.FAIL]
    if errors:
        return errors[0]
    if path.name.startswith("bad") and not expected:
        return "a bad example must say where the rule fires (`# fires at: <pointer>`)"
    found = {verdict.pointer for verdict in verdicts}
    if found == expected:
        return ""
    missing = ", ".join(sorted(pointer or WHOLE_RESOURCE for pointer in expected - found))
    surplus = ", ".join(sorted(pointer or WHOLE_RESOURCE for pointer in found - expected))
    return "; ".join(
        filter(None, [missing and f"does not fire at {missing}", surplus and f"fires at {surplus}"])
    )


def _opa(command: list[str]) -> OpaResult:
    shown = f"opa {command[1]}"
    try:
        done = subprocess.run(command, capture_output=True, timeout=_OPA_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return OpaResult(command=shown, passed=False, output=str(error))
    output = (done.stdout + done.stderr).decode(errors="replace").strip()
    return OpaResult(command=shown, passed=done.returncode == 0, output=output)
