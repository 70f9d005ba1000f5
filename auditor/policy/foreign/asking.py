"""The rules in CEL of a library, asked about documents by kind."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model import Document, Verdict
from auditor.policy.foreign.interface import CelRule
from auditor.policy.router import Router, kind_of


class ExpressionRules:
    """Which rules in CEL a document meets, and what they say of it. No engine is asked: it is done in the process."""

    def __init__(self, rules: Sequence[CelRule]) -> None:
        self._rules = tuple(rules)
        self._router = Router(tuple(rule.metadata.kinds for rule in rules))

    def ids_for(self, kind: str) -> list[str]:
        """The ids of the rules that look at a "group/Kind"."""
        return [self._rules[number].metadata.id for number in self._router.rules_for(kind)]

    def check(self, document: Document) -> list[Verdict]:
        """What the rules say of a document; passes are left out."""
        kind = kind_of(document.api_version, document.kind)
        return [
            verdict
            for number in self._router.rules_for(kind)
            for verdict in self._rules[number].check(document.manifest)
        ]
