"""What is wrong with a folder of rules, found by reading it: nothing is evaluated.

Each check is one function from a rule (or the folder) to problems; `CHECKS` and `FOLDER_CHECKS` list them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.assets import asset_folder
from auditor.errors import PolicyError
from auditor.policy.builtin import BUILTIN_RULES
from auditor.policy.embeddedlint import (
    has_pair_in_comprehension,
    misplaced_calls,
    negated_builtins,
    unequal_functions,
    unlike_texts,
)
from auditor.policy.frameworks import Framework, read_frameworks, unknown_rules
from auditor.policy.kinds import is_known_kind
from auditor.policy.library import is_own
from auditor.policy.metadata import RuleMetadata, package_of, read_metadata
from auditor.policy.readslint import unread_references
from auditor.policy.rulesreport import RulesReport
from auditor.policy.source import code_of, forbidden_calls

_ID = re.compile(r"^[A-Z][A-Z0-9]*(-[A-Z][A-Z0-9]*)*-\d{4}$")


@dataclass(frozen=True, slots=True)
class LintProblem:
    """One thing wrong, at a file and line (1 where it is about the whole file)."""

    path: str
    line: int
    check: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.check}]"


@dataclass(frozen=True, slots=True)
class RuleSource:
    """A rule as the checks see it; `metadata` None where it could not be read."""

    folder: Path
    path: Path
    text: str
    code: str
    metadata: RuleMetadata | None


Check = Callable[[RuleSource], Iterator[LintProblem]]


def lint_library(policy_folders: Iterable[Path] = ()) -> RulesReport:
    """Lint the shipped rules and those of the folders, which may build on the shipped ones.

    What a folder has in others' forms is read, and what of it cannot be evaluated is named. PolicyError where a folder
    does not exist.
    """
    from auditor.policy.foreignlint import lint_foreign

    shipped = asset_folder("policies")
    failures = [str(problem) for problem in lint_folder(shipped)]
    paths = list(_rule_files(shipped))
    lines: list[str] = []
    rules = [_read(path) for path in paths]
    known = frozenset(rule.metadata.id for rule in rules if rule.metadata is not None)
    texts = [rule.text for rule in rules]
    texts += [path.read_text(encoding="utf-8") for path in _shared_files(shipped)]
    checked = len(paths)
    for number, folder in enumerate(policy_folders, start=1):
        if not folder.is_dir():
            raise PolicyError(f"{folder}: no such policy folder", hint="--policy takes a folder of rules")
        own = list(_rule_files(folder, only_own=True))
        failures.extend(str(problem) for problem in lint_folder(folder, known, shipped=texts))
        found = lint_foreign(folder, number, [path.parent for path in own])
        lines.extend(found.lines)
        failures.extend(found.failures)
        checked += len(own) + found.checked
    return RulesReport(lines=tuple(lines), failures=tuple(failures), checked=checked)


def lint_folder(
    folder: Path, known: frozenset[str] = frozenset(), *, shipped: Sequence[str] | None = None
) -> list[LintProblem]:
    """Everything wrong with a folder of rules, by path and line; [] where nothing is.

    `known` are the ids of rules elsewhere: the folder may not use them again, its frameworks may name them. `shipped`
    are the texts of shipped rules, where the folder is a user's: it may also have others' policies, which are passed over.
    """
    problems: list[LintProblem] = []
    rules: list[RuleSource] = []
    for path in _rule_files(folder, only_own=shipped is not None):
        try:
            rule = _read(path)
        except PolicyError as error:
            problems.append(LintProblem(str(path), 1, "unreadable", error.message))
            continue
        rules.append(rule)
        for check in CHECKS:
            problems.extend(check(rule))
    for path in sorted((folder / "lib").glob("*.rego")):
        if shipped is None or is_own(path):
            problems.extend(_shared(path))
    modules = {path: path.read_text(encoding="utf-8") for path in _shared_files(folder)}
    modules |= {rule.path: rule.text for rule in rules}
    for path, line, problem in unequal_functions(modules, shipped or ()):
        problems.append(LintProblem(str(path), line, "function", problem))
    problems.extend(_same_id(rules, known))
    problems.extend(_frameworks(folder, rules, known))
    return sorted(set(problems), key=lambda problem: (problem.path, problem.line, problem.check))


def metadata_complete(rule: RuleSource) -> Iterator[LintProblem]:
    """The METADATA has every key, and only known ones."""
    try:
        read_metadata(rule.text, str(rule.path))
    except PolicyError as error:
        yield LintProblem(str(rule.path), 1, "metadata", error.message.removeprefix(f"{rule.path}: "))


def id_well_formed(rule: RuleSource) -> Iterator[LintProblem]:
    """The id looks like AUD-POD-0001."""
    if rule.metadata is not None and not _ID.match(rule.metadata.id):
        yield _at_start(rule, "id", f"the id {rule.metadata.id!r} is not of the form AUD-AREA-0001")


def kinds_known(rule: RuleSource) -> Iterator[LintProblem]:
    """Every kind exists, in its group-qualified form."""
    for kind in rule.metadata.kinds if rule.metadata is not None else ():
        if not is_known_kind(kind):
            yield _at_start(rule, "kinds", f"there is no kind {kind!r} (write 'Pod', 'apps/Deployment')")


def package_is_folder(rule: RuleSource) -> Iterator[LintProblem]:
    """The package is auditor.<category>.<rule>, as the folders are called."""
    expected = f"auditor.{rule.folder.parent.name}.{rule.folder.name}"
    found = package_of(rule.text, str(rule.path))
    if found != expected:
        yield _at_start(rule, "package", f"the package is {found}, by its folder it is {expected}")


def has_findings(rule: RuleSource) -> Iterator[LintProblem]:
    """The rule defines the set `findings`."""
    if not re.search(r"^findings\s+contains\b", rule.code, re.MULTILINE):
        yield _at_start(
            rule, "findings", "the rule defines no set `findings` (`findings contains {…} if {…}`)"
        )


def has_examples_and_test(rule: RuleSource) -> Iterator[LintProblem]:
    """There is a test, a good example, and a bad one unless parameters decide whether the rule fires."""
    if not (rule.folder / f"{rule.folder.name}_test.rego").is_file():
        yield _at_start(rule, "test", f"there is no {rule.folder.name}_test.rego")
    if not list(rule.folder.glob("good*.yaml")):
        yield _at_start(rule, "examples", "there is no good*.yaml")
    parametrised = rule.metadata is not None and rule.metadata.parameters
    if not parametrised and not list(rule.folder.glob("bad*.yaml")):
        yield _at_start(rule, "examples", "there is no bad*.yaml")


def no_runtime_metadata(rule: RuleSource) -> Iterator[LintProblem]:
    """rego.metadata.* is not called: the embedded engine lacks it."""
    for line, text in _lines(rule.code):
        if "rego.metadata." in text:
            yield LintProblem(
                str(rule.path), line, "rego-metadata", "the embedded engine lacks rego.metadata"
            )


def nothing_forbidden(rule: RuleSource) -> Iterator[LintProblem]:
    """No built-in that reaches the network, the environment or the compiler."""
    for name in forbidden_calls(rule.text):
        yield _at_start(rule, "forbidden", f"calls {name}: rules judge their input and reach nothing else")


def negates_only_what_is_there(rule: RuleSource) -> Iterator[LintProblem]:
    """A built-in over a value that may be missing is not negated: the engines differ there."""
    for line, problem in negated_builtins(rule.code):
        yield LintProblem(str(rule.path), line, "negation", problem)


def embedded_can_run(rule: RuleSource) -> Iterator[LintProblem]:
    """What rego-cpp does not take, or prints otherwise than OPA."""
    for line, problem in unlike_texts(rule.text):
        yield LintProblem(str(rule.path), line, "sprintf", problem)
    if has_pair_in_comprehension(rule.code):
        yield _at_start(
            rule, "comprehension", "rego-cpp refuses `some k, v in` inside a comprehension; use a rule"
        )


def calls_where_names_stand(rule: RuleSource) -> Iterator[LintProblem]:
    """No call over which rego-cpp may crash."""
    for line, problem in misplaced_calls(rule.text):
        yield LintProblem(str(rule.path), line, "call", problem)


def reads_what_it_declares(rule: RuleSource) -> Iterator[LintProblem]:
    """No field outside `custom.reads`, as far as the source tells: it would be missing when the rule is asked."""
    for line, found in unread_references(rule.text, rule.metadata) if rule.metadata is not None else ():
        yield LintProblem(str(rule.path), line, "reads", f"reads {found}, which custom.reads does not name")


CHECKS: tuple[Check, ...] = (
    metadata_complete,
    id_well_formed,
    kinds_known,
    package_is_folder,
    has_findings,
    has_examples_and_test,
    no_runtime_metadata,
    nothing_forbidden,
    negates_only_what_is_there,
    embedded_can_run,
    calls_where_names_stand,
    reads_what_it_declares,
)


def _same_id(rules: Iterable[RuleSource], known: frozenset[str]) -> Iterator[LintProblem]:
    seen = dict.fromkeys(known, "a shipped rule")
    seen |= {info.id: "a built-in rule" for info in BUILTIN_RULES}
    for rule in rules:
        if rule.metadata is None:
            continue
        if rule.metadata.id in seen:
            yield _at_start(rule, "id", f"the id {rule.metadata.id} is taken by {seen[rule.metadata.id]}")
        seen[rule.metadata.id] = str(rule.path)


def _frameworks(folder: Path, rules: Iterable[RuleSource], known: frozenset[str]) -> Iterator[LintProblem]:
    place = folder / "frameworks"
    ids = known | {info.id for info in BUILTIN_RULES} | {rule.metadata.id for rule in rules if rule.metadata}
    frameworks: tuple[Framework, ...] = ()
    try:
        frameworks = read_frameworks(place)
    except PolicyError as error:
        yield LintProblem(str(place), 1, "framework", error.message)
    for name, control, rule_id in unknown_rules(frameworks, ids):
        path = str(place / f"{name}.yaml")
        yield LintProblem(path, 1, "framework", f"control {control} names {rule_id}, which does not exist")


def _shared(path: Path) -> Iterator[LintProblem]:
    text = path.read_text(encoding="utf-8")
    rule = RuleSource(folder=path.parent, path=path, text=text, code=code_of(text), metadata=None)
    for check in (
        no_runtime_metadata,
        nothing_forbidden,
        negates_only_what_is_there,
        calls_where_names_stand,
    ):
        yield from check(rule)


def _shared_files(folder: Path) -> list[Path]:
    """The modules in our form that rules share, without their tests."""
    found = sorted((folder / "lib").glob("*.rego"))
    return [path for path in found if not path.stem.endswith("_test") and is_own(path)]


def _rule_files(folder: Path, *, only_own: bool = False) -> Iterator[Path]:
    for rule in sorted(path for path in folder.glob("*/*") if path.is_dir()):
        if rule.parent.name in ("frameworks", "lib") or rule.parent.name.startswith("."):
            continue
        if not only_own or any(map(is_own, rule.glob("*.rego"))):
            yield rule / f"{rule.name}.rego"


def _read(path: Path) -> RuleSource:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"cannot be read: {error}") from error
    package_of(text, str(path))
    metadata: RuleMetadata | None
    try:
        metadata = read_metadata(text, str(path))
    except PolicyError:
        metadata = None
    return RuleSource(folder=path.parent, path=path, text=text, code=code_of(text), metadata=metadata)


def _at_start(rule: RuleSource, check: str, message: str) -> LintProblem:
    return LintProblem(str(rule.path), 1, check, message)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    yield from enumerate(text.splitlines(), start=1)
