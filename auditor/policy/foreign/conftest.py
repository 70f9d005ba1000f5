"""conftest: the packages of a folder of Rego that have `deny`, `warn` or `violation`, each such rule a rule of ours.

The input is one manifest. Rules may be sets of texts or of objects with `msg`; `exception` sets a rule aside as
conftest has it. YAML and JSON under the folder's `data` are there as `data`, folders as names, as `--data` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.model import Severity
from auditor.policy.foreign.conftestdata import annotations_of, data_modules, reference
from auditor.policy.foreign.interface import (
    EVERY_KIND,
    ForeignRule,
    ForeignRules,
    SourceFile,
    metadata_for,
    rule_name,
    unevaluated,
)
from auditor.policy.foreign.naming import named_apart
from auditor.policy.foreign.support import rego_literal
from auditor.policy.foreign.translate import Head, Translated, translate

CATEGORY = "conftest"

_RULE = re.compile(r"(?P<prefix>deny|violation|warn)(?:_(?P<suffix>\w+))?")
_SEVERITIES = {"warn": Severity.LOW, "deny": Severity.MEDIUM, "violation": Severity.MEDIUM}
_REVIEW = frozenset({"review", "parameters"})
_COMBINED = (("*", "contents"), ("*", "path"))


@dataclass(frozen=True, kw_only=True)
class Package:
    """All modules of one package, and what is written above them and their rules by METADATA."""

    path: tuple[str, ...]
    modules: tuple[Translated, ...]
    annotations: Mapping[str, Mapping[str, Any]]

    @property
    def name(self) -> str:
        """As a policy's author writes it."""
        return ".".join(self.path)

    def heads(self) -> dict[str, list[Head]]:
        """The heads of its rules by name."""
        found: dict[str, list[Head]] = {}
        for module in self.modules:
            for head in module.heads:
                found.setdefault(head.name, []).append(head)
        return found


def read_conftest(files: Sequence[SourceFile], prefix: str) -> ForeignRules:
    """The rules of every package that has some; see `ForeignReader`."""
    prefix = f"{prefix}.c"
    packages = _packages(files, prefix)
    judged = [package for package in packages.values() if any(_is_rule(name) for name in package.heads())]
    if not judged:
        return ForeignRules()
    modules = {
        _module_name(prefix, package, number): module.text
        for package in packages.values()
        for number, module in enumerate(package.modules)
    }
    data, remarks = data_modules(files, prefix)
    rules: list[ForeignRule] = []
    for package in judged:
        needed = _needed(package, packages)
        reason, outcome = _refusal(package, needed)
        names = tuple(
            _module_name(prefix, one, number) for one in needed for number in range(len(one.modules))
        )
        for name, heads in package.heads().items():
            if _is_rule(name) and heads[0].form != "function":
                rules.append(_rule(package, name, heads, prefix, (*names, *data), reason, outcome))
    refused = {
        _module_name(prefix, package, number)
        for package in packages.values()
        for number, module in enumerate(package.modules)
        if module.refused
    }
    kept = {name: text for name, text in modules.items() if name not in refused}
    return ForeignRules(rules=tuple(rules), modules={**kept, **data}, remarks=remarks)


def _packages(files: Iterable[SourceFile], prefix: str) -> dict[tuple[str, ...], Package]:
    grouped: dict[tuple[str, ...], list[tuple[Translated, SourceFile]]] = {}
    sources = [file for file in files if file.path.suffix == ".rego" and not file.path.stem.endswith("_test")]
    translated = named_apart((translate(file.text, str(file.path), prefix) for file in sources), prefix)
    for module, file in zip(translated, sources, strict=True):
        grouped.setdefault(module.package, []).append((module, file))
    return {
        path: Package(
            path=path,
            modules=tuple(module for module, _ in found),
            annotations={name: one for _, file in found for name, one in annotations_of(file.text).items()},
        )
        for path, found in grouped.items()
    }


def _is_rule(name: str) -> bool:
    return _RULE.fullmatch(name) is not None


def _module_name(prefix: str, package: Package, number: int) -> str:
    return "/".join((*prefix.split("."), *package.path, f"{number}.rego"))


def _needed(package: Package, packages: Mapping[tuple[str, ...], Package]) -> list[Package]:
    """The package and every other that it refers to, over all steps."""
    found = {package.path: package}
    waiting = [package]
    while waiting:
        for module in waiting.pop().modules:
            for path in module.reads:
                for other in packages.values():
                    if other.path not in found and _may_read(path, other.path):
                        found[other.path] = other
                        waiting.append(other)
    return list(found.values())


def _may_read(path: tuple[str, ...], package: tuple[str, ...]) -> bool:
    """True where a reference under `data` may lead into a package, or to one that stands below it."""
    return all(left == right or left == "*" for left, right in zip(path, package, strict=False))


def _refusal(package: Package, needed: Iterable[Package]) -> tuple[str, str]:
    """Why the package is not evaluated, and whether that is 'skipped' or an 'error'; '' where it is."""
    for one in needed:
        for module in one.modules:
            if module.refused:
                return (
                    f"{Path(module.path).name} calls {module.refused[0]}, which no rule may call here",
                    "skipped",
                )
            if any(path[:1] == ("conftest",) for path in module.reads):
                return f"{Path(module.path).name} reads data.conftest, which only conftest has", "skipped"
    inputs = frozenset(path for module in package.modules for path in module.inputs)
    fields = frozenset(path[0] for path in inputs if path)
    if "review" in fields and not fields - _REVIEW:
        return "the package reads input.review: it is the source of a ConstraintTemplate", "skipped"
    if any(path[:2] in _COMBINED for path in inputs):
        return (
            "the package is written for `conftest --combine`, where the input is a list of files",
            "skipped",
        )
    return "", ""


def _rule(
    package: Package,
    name: str,
    heads: Sequence[Head],
    prefix: str,
    modules: tuple[str, ...],
    reason: str,
    outcome: str,
) -> ForeignRule:
    found = _RULE.fullmatch(name)
    assert found is not None  # noqa: S101 - the caller asked _is_rule
    first = package.modules[0]
    annotation = {**package.annotations.get("package", {}), **package.annotations.get(name, {})}
    said = annotation.get("custom")
    custom: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
    rule_id = str(custom.get("id") or f"conftest/{package.name}/{name}")
    if any(head.ambiguous for head in heads):
        reason, outcome = (
            f"`{name}[…] if` defines a map and no messages: write `{name} contains … if`",
            "error",
        )
    made = rule_name(f"conftest/{package.name}/{name}")
    source = (
        unevaluated(CATEGORY, made, outcome, reason)
        if reason
        else _module(made, package, name, prefix, found["suffix"] or "")
    )
    return ForeignRule(
        category=CATEGORY,
        name=made,
        path=Path(first.path),
        metadata=metadata_for(
            rule_id,
            title=str(annotation.get("title") or f"{package.name}: {name}"),
            description=str(annotation.get("description") or ""),
            severity=_severity(custom.get("severity"), found["prefix"]),
            kinds=EVERY_KIND,
            path=Path(first.path),
            remediation=str(custom.get("remediation") or ""),
            related=_related(annotation.get("related_resources")),
        ),
        source=source,
        modules=() if reason else modules,
        advisory=found["prefix"] == "warn",
        warns=found["prefix"] == "warn",
        reason=reason,
        outcome=outcome,
    )


def _module(name: str, package: Package, rule: str, prefix: str, suffix: str) -> str:
    place = f"data.{prefix}.{reference(package.path)}"
    text = (
        f"package auditor.{CATEGORY}.{name}\n\nimport data.foreign.finding as findings_of\n\n"
        + _MODULE.format(place=place, rule=rule)
    )
    if "exception" in package.heads():
        return text + _EXCEPTION.format(place=place, suffix=rego_literal(suffix))
    return text + "excepted := false\n"


_MODULE = """\
findings contains finding if {{
	not excepted
	manifest := input.resource
	named := "{rule}"
	found := {place}[named] with input as manifest
	conftest_rows(found)
	some one in found
	finding := findings_of.finding_of(one)
}}

findings contains finding if {{
	manifest := input.resource
	named := "{rule}"
	found := {place}[named] with input as manifest
	not conftest_rows(found)
	finding := {{
		"message": "the rule gives something else than a set or list of messages",
		"pointer": "",
		"details": {{}},
		"outcome": "error",
	}}
}}

conftest_rows(found) if is_set(found)

conftest_rows(found) if is_array(found)

"""

_EXCEPTION = """\
excepted if {{
	manifest := input.resource
	named := "exception"
	exceptions := {place}[named] with input as manifest
	some names in exceptions
	{suffix} in names
}}
"""


def _severity(given: Any, prefix: str) -> Severity:
    try:
        return Severity(str(given).lower())
    except ValueError:
        return _SEVERITIES[prefix]


def _related(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(str(one.get("ref", "")) if isinstance(one, Mapping) else str(one) for one in value)
