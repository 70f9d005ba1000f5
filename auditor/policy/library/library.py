"""All rules together: what is known of them, and the part of them that is asked. Nothing is read here but frameworks."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import orjson

from auditor.errors import PolicyError
from auditor.model import RuleInfo, Severity
from auditor.policy.builtin import BUILTIN_RULES, with_controls
from auditor.policy.frameworks import Framework, controls_by_rule, read_frameworks
from auditor.policy.interface import ALONE_MODULE, ENTRY_MODULE, OPA_ENTRY_MODULE
from auditor.policy.library.rule import Rule
from auditor.policy.router import Router

if TYPE_CHECKING:
    from auditor.policy.foreign.interface import CelRule, ForeignRule

PARTS = ("shipped", "policy", "schemas")
"""What can be asked alone: the rules that ship with us, those of further folders, and schemas."""

_SHARED = "auditor/lib/"


@dataclass(frozen=True, kw_only=True)
class Library:
    """Everything that is judged with.

    `modules` maps a path to Rego text: the rules and what they share, no tests. `rules` holds the Rego
    rules, `infos` those and the built-in ones, both by id. `foreign` is true where some did not ship with us.
    `expressions` are rules in CEL, which no engine but our own process judges. `remarks` are for whoever looks at
    the rules. `severities` are the operator's, over the rules' own.
    """

    rules: tuple[Rule, ...]
    modules: Mapping[str, str]
    folders: tuple[Path, ...]
    foreign: bool = False
    expressions: tuple[CelRule, ...] = ()
    remarks: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)

    @cached_property
    def foreign_rules(self) -> tuple[ForeignRule, ...]:
        """The Rego rules that are not in our own form."""
        return tuple(rule.foreign for rule in self.rules if rule.foreign is not None)

    @cached_property
    def advisory(self) -> frozenset[str]:
        """The ids of rules whose findings are recorded and fail nothing (Gatekeeper's dryrun and warn, and their like)."""
        return frozenset(
            [rule.metadata.id for rule in self.foreign_rules if rule.advisory]
            + [rule.metadata.id for rule in self.expressions if rule.advisory]
        )

    @cached_property
    def warning(self) -> frozenset[str]:
        """Those of the advisory rules whose findings are told as warnings."""
        return frozenset(
            [rule.metadata.id for rule in self.foreign_rules if rule.warns]
            + [rule.metadata.id for rule in self.expressions if rule.warns]
        )

    @cached_property
    def frameworks(self) -> tuple[Framework, ...]:
        """The frameworks of every folder; read when first asked for, since judging needs none."""
        return tuple(one for folder in self.folders for one in read_frameworks(folder / "frameworks"))

    @cached_property
    def infos(self) -> tuple[RuleInfo, ...]:
        """Every rule, the ones made outside Rego included, with the controls it gives evidence for."""
        controls = controls_by_rule(self.frameworks)
        infos = [
            rule.metadata.info(rule.category, rule.kinds, controls.get(rule.id, ())) for rule in self.rules
        ]
        infos.extend(
            one.metadata.info(one.category, one.metadata.kinds, controls.get(one.metadata.id, ()))
            for one in self.expressions
        )
        infos.extend(with_controls(info, controls.get(info.id, ())) for info in BUILTIN_RULES)
        set_by_operator = self.severities
        return tuple(
            replace(info, severity=set_by_operator.get(info.id, info.severity))
            for info in sorted(infos, key=lambda info: info.id)
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over every module, the entry point, the parameters' schemas and the expressions."""
        record: dict[str, object] = {
            "entry": [ENTRY_MODULE, ALONE_MODULE, OPA_ENTRY_MODULE],
            "modules": dict(self.modules),
            "parameters": {rule.id: rule.metadata.parameters for rule in self.rules},
        }
        if self.expressions:
            record["expressions"] = {one.metadata.id: one.digest for one in self.expressions}
        return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @cached_property
    def router(self) -> Router:
        """Which of `rules` (by position) a manifest of a kind meets by itself."""
        return Router(tuple(() if rule.over_set else rule.kinds for rule in self.rules))

    @cached_property
    def set_rules(self) -> tuple[Rule, ...]:
        """The rules that look at several resources together."""
        return tuple(rule for rule in self.rules if rule.over_set)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of every rule, the ones made outside Rego included."""
        return frozenset(self._severities)

    @cached_property
    def _severities(self) -> dict[str, Severity]:
        found = {info.id: info.severity for info in BUILTIN_RULES}
        found |= {one.metadata.id: one.metadata.severity for one in self.expressions}
        found |= {rule.id: rule.metadata.severity for rule in self.rules}
        return found | dict(self.severities)

    def severity(self, rule_id: str) -> Severity:
        """A rule's severity; PolicyError where there is no such rule."""
        return self._severities.get(rule_id) or self.info(rule_id).severity

    def with_severities(self, severities: Mapping[str, Severity]) -> Library:
        """The library with the operator's severities over the rules' own; their ids have been looked at."""
        return replace(self, severities=dict(severities)) if severities else self

    def without(self, ids: Iterable[str]) -> Library:
        """The library of which some rules are not asked; their sources stay in it."""
        left_out = frozenset(ids)
        if not left_out:
            return self
        return replace(
            self,
            rules=tuple(rule for rule in self.rules if rule.id not in left_out),
            expressions=tuple(one for one in self.expressions if one.metadata.id not in left_out),
        )

    def only(self, parts: Collection[str]) -> Library:
        """The library with the rules of some `PARTS` alone, for engines to hold no more; all of it for none.

        What rules of our own form share goes where none of them stays.
        """
        if not parts:
            return self
        kept = self.without(rule.id for rule in self.rules if self._part_of(rule.folder) not in parts)
        left = {_module_of(rule) for rule in kept.rules}
        dropped = {_module_of(rule) for rule in self.rules if rule.foreign is None} - left
        shared = () if any(rule.foreign is None for rule in kept.rules) else (_SHARED,)
        return replace(
            kept,
            modules=MappingProxyType(
                {
                    key: text
                    for key, text in self.modules.items()
                    if key not in dropped and not key.startswith(shared)
                }
            ),
            expressions=self.expressions if "policy" in parts else (),
        )

    def _part_of(self, folder: Path) -> str:
        return "shipped" if folder.is_relative_to(self.folders[0]) else "policy"

    def controls_for(self, rule_id: str) -> tuple[tuple[str, str], ...]:
        """(framework, control) pairs for which the rule gives evidence."""
        return controls_by_rule(self.frameworks).get(rule_id, ())

    def info(self, rule_id: str) -> RuleInfo:
        """The rule's description; PolicyError where there is no such rule."""
        for info in self.infos:
            if info.id == rule_id:
                return info
        raise PolicyError(f"there is no rule {rule_id!r}", hint="`auditor policy list` names them")


def _module_of(rule: Rule) -> str:
    return f"auditor/{rule.category}/{rule.name}.rego"
