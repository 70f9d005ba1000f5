"""The rules in CEL of a library, asked about documents by kind in a process of its own, which may be ended.

CEL's runtime bounds the steps of an expression; what it bounds not is memory, and what a variable doubles thirty times
has no end there. So a rule that ends the child or takes too long is an error from then on, and nothing else is lost.
"""

from __future__ import annotations

import base64
import pickle
import sys
from collections.abc import Sequence
from typing import Any

import orjson

from auditor.errors import EngineError
from auditor.model import Document, Outcome, Verdict
from auditor.policy.foreign.children import LineChild
from auditor.policy.foreign.interface import CelRule
from auditor.policy.router import Router, kind_of

ANSWER_SECONDS = 30.0
"""Time limit of one document, as with OPA."""

MOST_MEMORY = 2 * 1024**3
"""Bytes of address space that the child gets, where the system knows such a limit."""

_CHILD = "from auditor.policy.foreign.asking import answer_lines\nanswer_lines()\n"


class ExpressionRules:
    """Which rules in CEL a document meets, and what they say of it."""

    def __init__(self, rules: Sequence[CelRule]) -> None:
        """Starts nothing yet."""
        self._rules = tuple(rules)
        self._router = Router(tuple(rule.metadata.kinds for rule in rules))
        told = base64.b64encode(pickle.dumps((MOST_MEMORY, self._rules)))
        self._child = LineChild(_CHILD, told, "the evaluation of CEL")
        self._given_up: dict[int, str] = {}

    def ids_for(self, kind: str) -> list[str]:
        """The ids of the rules that look at a "group/Kind"."""
        return [self._rules[number].metadata.id for number in self._router.rules_for(kind)]

    def check(self, document: Document) -> list[Verdict]:
        """What the rules say of a document; passes are left out."""
        numbers = self._router.rules_for(kind_of(document.api_version, document.kind))
        asked = [number for number in numbers if number not in self._given_up]
        found: dict[int, list[Verdict]] = {}
        if asked:
            try:
                found = self._ask(asked, document)
            except EngineError:
                found = {number: self._alone(number, document) for number in asked}
        return [
            verdict
            for number in numbers
            for verdict in found.get(number) or ([self._lost(number)] if number in self._given_up else ())
        ]

    def close(self) -> None:
        """Ends the child."""
        self._child.close()

    def _alone(self, number: int, document: Document) -> list[Verdict]:
        """One rule's verdicts; a rule that fails by itself is not asked again."""
        try:
            return self._ask([number], document)[number]
        except EngineError as error:
            self._given_up[number] = f"{error.message}; the rule is not asked any more"
            return []

    def _lost(self, number: int) -> Verdict:
        rule = self._rules[number].metadata.id
        return Verdict(rule_id=rule, outcome=Outcome.ERROR, pointer="", message=self._given_up[number])

    def _ask(self, numbers: Sequence[int], document: Document) -> dict[int, list[Verdict]]:
        said = self._child.ask(orjson.dumps([numbers, document.manifest]), ANSWER_SECONDS)
        return {
            number: [_verdict(self._rules[number].metadata.id, one) for one in verdicts]
            for number, verdicts in zip(numbers, said["verdicts"], strict=True)
        }


def _verdict(rule_id: str, said: Sequence[Any]) -> Verdict:
    outcome, pointer, message, details = said
    return Verdict(
        rule_id=rule_id, outcome=Outcome(outcome), pointer=pointer, message=message, details=details
    )


def answer_lines() -> None:
    """What the child does: reads the rules, then numbers of rules and a manifest a line, and says the verdicts."""
    memory, rules = pickle.loads(base64.b64decode(sys.stdin.buffer.readline()))  # noqa: S301 - from our parent
    _limit(memory)
    _answer({"ready": True})
    for line in sys.stdin.buffer:
        numbers, manifest = orjson.loads(line)
        _answer({"verdicts": [_asked(rules[number], manifest) for number in numbers]})


def _asked(rule: CelRule, manifest: Any) -> list[list[Any]]:
    try:
        return [_said(one) for one in rule.check(manifest)]
    except Exception as error:
        # A manifest may have any form; what a rule cannot take in must not cost it every other manifest.
        return [[Outcome.ERROR.value, "", f"not evaluated: {type(error).__name__}: {error}", {}]]


def _said(verdict: Verdict) -> list[Any]:
    return [verdict.outcome.value, verdict.pointer, verdict.message, dict(verdict.details)]


def _answer(said: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(said) + b"\n")
    sys.stdout.buffer.flush()


def _limit(memory: int) -> None:
    """Bounds the child's memory, and has it end with its parent."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    except (ImportError, OSError, ValueError):
        pass  # the time limit is there all the same
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
