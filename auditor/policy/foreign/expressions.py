"""A rule in CEL, wherever it comes from: what it applies to, its variables, and its validations.

A validation that ends in an error is a violation where the policy's failurePolicy is Fail, as the API server refuses the
request then; where it is Ignore nobody has judged, which is a skip. What does not compile is a skip with CEL's words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson

from auditor.errors import MissingPartError, PolicyError
from auditor.model import Outcome, Verdict
from auditor.policy.foreign.cel import EvaluationError, LimitError, expression
from auditor.policy.foreign.match import fits_constraint
from auditor.policy.metadata import RuleMetadata


class Scope(Protocol):
    """What a rule is held against."""

    def applies(self, manifest: Mapping[str, Any]) -> bool:
        """True where the rule is about the manifest. PolicyError where that cannot be said."""
        ...


@dataclass(frozen=True, kw_only=True)
class Validation:
    """One validation: true is a pass. `pointer` is where it stands in the manifest ('' for the whole)."""

    expression: str
    message: str = ""
    message_expression: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Program:
    """The expressions of a policy. `variables` are in order: each may use those before it."""

    validations: tuple[Validation, ...]
    variables: tuple[tuple[str, str], ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()
    ignore_errors: bool = False

    @classmethod
    def of(cls, source: Mapping[str, Any], where: str) -> Program:
        """The program in a policy's spec, or in a template's CEL source. PolicyError where a part has a wrong form."""
        validations = tuple(
            Validation(
                expression=_text(one, "expression", where),
                message=str(one.get("message") or ""),
                message_expression=str(one.get("messageExpression") or ""),
                reason=str(one.get("reason") or ""),
            )
            for one in _mappings(source.get("validations"), where)
        )
        if not validations:
            raise PolicyError(f"{where}: the policy has no validations")
        return cls(
            validations=validations,
            variables=tuple(
                (_text(one, "name", where), _text(one, "expression", where))
                for one in _mappings(source.get("variables"), where)
            ),
            conditions=tuple(
                (str(one.get("name") or ""), _text(one, "expression", where))
                for one in _mappings(source.get("matchConditions"), where)
            ),
            ignore_errors=source.get("failurePolicy") == "Ignore",
        )

    def texts(self) -> list[str]:
        """Every expression of it."""
        found = [text for _, text in (*self.conditions, *self.variables)]
        for one in self.validations:
            found += [one.expression, *([one.message_expression] if one.message_expression else [])]
        return found


@dataclass(frozen=True, kw_only=True)
class ExpressionRule:
    """One rule in CEL. `params` are the objects that it is held against one by one, (None,) for a policy without.

    `given` are variables that are there from the start; `reason` says why the rule is not evaluated at all.
    """

    category: str
    path: Path
    metadata: RuleMetadata
    program: Program | None
    scope: Scope
    params: tuple[Any, ...] = (None,)
    given: Mapping[str, Any] = field(default_factory=dict)
    operation: str = "CREATE"
    advisory: bool = False
    warns: bool = False
    reason: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that its verdicts depend on."""
        record = [repr(self.program), repr(self.scope), list(self.params), dict(self.given), self.reason]
        return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @classmethod
    def of_template(
        cls,
        source: Mapping[str, Any],
        metadata: RuleMetadata,
        wanted: Mapping[str, Any],
        parameters: Any,
        path: Path,
        *,
        advisory: bool,
        warns: bool,
    ) -> ExpressionRule:
        """A constraint whose template is in CEL: Gatekeeper gives it `variables.params` and `variables.anyObject`."""
        program, reason = None, ""
        try:
            program = Program.of(source, str(path))
        except PolicyError as error:
            reason = error.message
        return cls(
            category="gatekeeper",
            path=path,
            metadata=metadata,
            program=program,
            scope=ConstraintScope(wanted=wanted),
            given={"params": parameters},
            operation="",
            advisory=advisory,
            warns=warns,
            reason=reason,
        )

    def check(
        self,
        manifest: Mapping[str, Any],
        *,
        before: Mapping[str, Any] | None = None,
        request: Mapping[str, Any] | None = None,
    ) -> list[Verdict]:
        """What the rule says of a manifest; nothing where it passes or is not about it.

        `before` and `request` are given where a whole admission request is known; without, the object is made anew.
        """
        try:
            if not self.scope.applies(manifest) and (before is None or not self.scope.applies(before)):
                return []
            if self.reason or self.program is None:
                return [self._verdict(Outcome.SKIPPED, self.reason)]
            for text in self.program.texts():
                expression(text)
        except (PolicyError, MissingPartError) as error:
            return [self._verdict(Outcome.SKIPPED, error.message)]
        found: list[Verdict] = []
        data: dict[str, Any] = {
            "object": manifest,
            "oldObject": before,
            "request": request or request_for(manifest, self.operation),
        }
        try:
            for params in self.params:
                found += self._held_against(self.program, {**data, "params": params})
        except LimitError as error:
            found.append(self._verdict(Outcome.ERROR, f"not evaluated: {error}"))
        return list({(one.outcome, one.message): one for one in found}.values())

    def problem(self) -> str:
        """Why it is not evaluated, '' where it is."""
        if self.reason or self.program is None:
            return self.reason
        return _uncompiled(self.program.texts())

    def _held_against(self, program: Program, data: dict[str, Any]) -> list[Verdict]:
        lost: dict[str, str] = {}
        variables = dict(self.given)
        if self.category == "gatekeeper":
            variables["anyObject"] = data["object"] if data["object"] is not None else data["oldObject"]
        data["variables"] = variables
        for name, text in program.variables:
            try:
                variables[name] = expression(text).value(data)
            except EvaluationError as error:
                lost[name] = str(error)
        for name, text in program.conditions:
            try:
                if expression(text).value(data) is not True:
                    return []
            except EvaluationError as error:
                return [self._failed(program, f"the match condition {name!r} ended in an error: {error}")]
        return [
            verdict for one in program.validations if (verdict := self._validated(program, one, data, lost))
        ]

    def _validated(
        self, program: Program, one: Validation, data: Mapping[str, Any], lost: Mapping[str, str]
    ) -> Verdict | None:
        try:
            value = expression(one.expression).value(data)
        except EvaluationError as error:
            causes = [text for name, text in lost.items() if f"variables.{name}" in one.expression]
            return self._failed(
                program, f"the expression {one.expression!r} ended in an error: {(causes or [str(error)])[0]}"
            )
        if value is True:
            return None
        if value is not False:
            return self._failed(program, f"the expression {one.expression!r} gives no truth value")
        return self._verdict(Outcome.FAIL, _message(one, data), {"reason": one.reason} if one.reason else {})

    def _failed(self, program: Program, message: str) -> Verdict:
        if program.ignore_errors:
            return self._verdict(Outcome.SKIPPED, f"{message} (failurePolicy: Ignore)")
        return self._verdict(Outcome.FAIL, message, {"evaluation": "error"})

    def _verdict(self, outcome: Outcome, message: str, details: Mapping[str, Any] | None = None) -> Verdict:
        return Verdict(
            rule_id=self.metadata.id, outcome=outcome, pointer="", message=message, details=details or {}
        )


def program_problem(source: Mapping[str, Any], where: str) -> str:
    """Why a policy's expressions cannot be evaluated here, '' where they can."""
    try:
        return _uncompiled(Program.of(source, where).texts())
    except PolicyError as error:
        return error.message


def _uncompiled(texts: Sequence[str]) -> str:
    """What the first expression that does not compile is refused with, '' where all do."""
    try:
        for text in texts:
            expression(text)
    except (PolicyError, MissingPartError) as error:
        return error.message
    return ""


@dataclass(frozen=True, kw_only=True)
class ConstraintScope:
    """A constraint's `match`, in its normal form."""

    wanted: Mapping[str, Any]

    def applies(self, manifest: Mapping[str, Any]) -> bool:
        """True where the constraint matches."""
        return fits_constraint(self.wanted, manifest)


def request_for(manifest: Mapping[str, Any], operation: str) -> dict[str, Any]:
    """The admission request that making the object would be, as far as it is known without a cluster."""
    group, _, version = str(manifest.get("apiVersion") or "").rpartition("/")
    metadata = manifest.get("metadata") or {}
    return {
        "kind": {"group": group, "version": version, "kind": manifest.get("kind")},
        "operation": operation,
        "name": str(metadata.get("name") or ""),
        "namespace": str(metadata.get("namespace") or ""),
        "dryRun": False,
    }


def _message(one: Validation, data: Mapping[str, Any]) -> str:
    if one.message_expression:
        try:
            value = expression(one.message_expression).value(data)
        except (EvaluationError, LimitError):
            value = None
        if isinstance(value, str) and value.strip() and "\n" not in value:
            return value.strip()
    return one.message or f"failed expression: {' '.join(one.expression.split())}"


def _mappings(value: Any, where: str) -> Sequence[Mapping[str, Any]]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise PolicyError(f"{where}: a list of mappings is needed")
    return value


def _text(one: Mapping[str, Any], key: str, where: str) -> str:
    value = one.get(key)
    if not isinstance(value, str):
        raise PolicyError(f"{where}: {key} is missing")
    return value
