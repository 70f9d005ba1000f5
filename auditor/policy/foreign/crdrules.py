"""`x-kubernetes-validations` of CustomResourceDefinitions: each rule asked about what it stands beside in the schema."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from auditor.errors import MissingPartError, PolicyError
from auditor.model import Outcome, Severity, Verdict
from auditor.policy.foreign.cel import EvaluationError, LimitError, expression
from auditor.policy.foreign.interface import ForeignRules, SourceFile, metadata_for
from auditor.policy.metadata import RuleMetadata

CATEGORY = "crd"
MOST_VALUES = 10_000
"""Values of one object that rules are asked about."""

_TRANSITION = re.compile(r"\boldSelf\b")
_DEEPEST = 64
_NAME = re.compile(r"[A-Za-z_$][\w$-]*")


@dataclass(frozen=True, kw_only=True)
class CrdRule:
    """All validations of one custom kind. `schemas` are the versions' schemas by name."""

    path: Path
    metadata: RuleMetadata
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    category: str = CATEGORY
    advisory: bool = False
    warns: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that its verdicts depend on."""
        return hashlib.sha256(orjson.dumps(self.schemas, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def problem(self) -> str:
        """'' always: what of it cannot be evaluated is said of the object that it is asked about."""
        return ""

    def check(self, manifest: Mapping[str, Any]) -> list[Verdict]:
        """What the rules say of a custom resource; nothing where they pass."""
        version = str(manifest.get("apiVersion") or "").rpartition("/")[2]
        schema = self.schemas.get(version)
        if schema is None:
            return [
                self._verdict(Outcome.SKIPPED, "", f"the CustomResourceDefinition has no version {version}")
            ]
        found: dict[tuple[str, str, str], Verdict] = {}
        for number, (pointer, value, rule) in enumerate(_places(schema, manifest, "", 0)):
            if number >= MOST_VALUES:
                verdict: Verdict | None = self._verdict(
                    Outcome.ERROR, "", f"more than {MOST_VALUES} values to judge"
                )
            else:
                verdict = self._asked(pointer, value, rule)
            if verdict is not None:
                found[verdict.outcome.value, verdict.pointer, verdict.message] = verdict
            if number >= MOST_VALUES:
                break
        return list(found.values())

    def _asked(self, pointer: str, value: Any, rule: Mapping[str, Any]) -> Verdict | None:
        text = str(rule.get("rule") or "")
        if _TRANSITION.search(text):
            return self._verdict(
                Outcome.SKIPPED, "", f"compares with the version before (oldSelf): {_flat(text)}"
            )
        try:
            value_of = expression(text).value({"self": value})
        except (PolicyError, MissingPartError) as error:
            return self._verdict(Outcome.SKIPPED, "", error.message)
        except LimitError as error:
            return self._verdict(Outcome.ERROR, pointer, f"not evaluated: {error}")
        except EvaluationError as error:
            return self._verdict(
                Outcome.FAIL, pointer, f"the rule {_flat(text)!r} ended in an error: {error}"
            )
        if value_of is True:
            return None
        message = str(rule.get("message") or f"failed rule: {_flat(text)}")
        if rule.get("messageExpression"):
            try:
                said = expression(str(rule["messageExpression"])).value({"self": value})
                message = said.strip() if isinstance(said, str) and said.strip() else message
            except (PolicyError, EvaluationError, LimitError):
                pass  # the message beside it is said, as the API server does
        return self._verdict(Outcome.FAIL, pointer, message)

    def _verdict(self, outcome: Outcome, pointer: str, message: str) -> Verdict:
        return Verdict(rule_id=self.metadata.id, outcome=outcome, pointer=pointer, message=message)


def read_crds(files: Sequence[SourceFile], prefix: str) -> ForeignRules:
    """Every CustomResourceDefinition with rules as one rule; see `ForeignReader`."""
    rules = []
    for file in files:
        for document in file.documents:
            if document.get("kind") == "CustomResourceDefinition":
                rule = _rule(document, file.path)
                if rule is not None:
                    rules.append(rule)
    return ForeignRules(expressions=tuple(rules))


def _rule(document: Mapping[str, Any], path: Path) -> CrdRule | None:
    spec = document.get("spec") or {}
    group, kind = spec.get("group"), (spec.get("names") or {}).get("kind")
    schemas = {
        str(version.get("name")): schema
        for version in spec.get("versions") or ()
        if isinstance(version, Mapping)
        and isinstance(schema := (version.get("schema") or {}).get("openAPIV3Schema"), Mapping)
    }
    if not group or not kind or not any(_has_rules(schema, 0) for schema in schemas.values()):
        return None
    return CrdRule(
        path=path,
        metadata=metadata_for(
            f"crd/{group}/{kind}",
            title=f"Rules of the custom resource {kind}",
            description="What the CustomResourceDefinition says of its resources in CEL: the API server refuses others.",
            severity=Severity.MEDIUM,
            kinds=(f"{group}/{kind}",),
            path=path,
        ),
        schemas=schemas,
    )


def _has_rules(schema: Any, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    if isinstance(schema, list):
        return any(_has_rules(one, depth + 1) for one in schema)
    if not isinstance(schema, Mapping):
        return False
    return "x-kubernetes-validations" in schema or any(_has_rules(one, depth + 1) for one in schema.values())


def _places(
    schema: Mapping[str, Any], value: Any, pointer: str, depth: int
) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """(pointer, value, rule) of every rule for every value that it stands beside."""
    if depth > _DEEPEST or value is None:
        return
    for rule in schema.get("x-kubernetes-validations") or ():
        yield pointer, value, rule
    if isinstance(value, Mapping):
        properties = schema.get("properties") or {}
        others = schema.get("additionalProperties")
        for name, below in value.items():
            inner = properties.get(name, others)
            if isinstance(inner, Mapping):
                step = name if _NAME.fullmatch(name) else f"[{orjson.dumps(name).decode()}]"
                joined = f"{pointer}{step}" if step.startswith("[") or not pointer else f"{pointer}.{step}"
                yield from _places(inner, below, joined, depth + 1)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        keys = schema.get("x-kubernetes-list-map-keys") or ["name"]
        for number, below in enumerate(value):
            yield from _places(schema["items"], below, f"{pointer}[{_key(below, keys, number)}]", depth + 1)


def _key(value: Any, keys: Sequence[str], number: int) -> str:
    if len(keys) == 1 and isinstance(value, Mapping) and isinstance(value.get(keys[0]), str):
        return f"{keys[0]}={value[keys[0]]}"
    return str(number)


def _flat(text: str) -> str:
    return " ".join(text.split())
