"""Gatekeeper: ConstraintTemplates and Constraints as they are, each constraint a rule.

Rego targets run on the policy engine; a template whose only code is CEL is an expression rule. What reads
`data.inventory`, or matches by the labels of a namespace, looks at a whole environment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.errors import PolicyError
from auditor.model import Severity
from auditor.policy.foreign.expressions import ExpressionRule
from auditor.policy.foreign.interface import (
    EVERY_KIND,
    ForeignRule,
    ForeignRules,
    SourceFile,
    metadata_for,
    rule_name,
    unevaluated,
)
from auditor.policy.foreign.match import normal_match
from auditor.policy.foreign.support import rego_literal
from auditor.policy.foreign.templates import (
    Template,
    group_of,
    is_template,
    mapping,
    read_template,
    schema_problem,
    with_defaults,
)
from auditor.policy.metadata import RuleMetadata

CATEGORY = "gatekeeper"
CONSTRAINT_GROUP = "constraints.gatekeeper.sh"

SEVERITIES = {"deny": Severity.MEDIUM, "warn": Severity.LOW, "dryrun": Severity.LOW}
"""By enforcement action; the strictest first."""


def read_gatekeeper(files: Sequence[SourceFile], prefix: str) -> ForeignRules:
    """Every constraint of the files as a rule; see `ForeignReader`."""
    templates: dict[str, Template] = {}
    for file in files:
        for document in file.documents:
            if is_template(document):
                template = read_template(document, file.path, f"{prefix}.t{len(templates)}")
                if template.kind in templates:
                    raise PolicyError(
                        f"{file.path}: there is another ConstraintTemplate of {template.kind}",
                        hint=f"see {templates[template.kind].path}",
                    )
                templates[template.kind] = template
    rules: list[ForeignRule] = []
    expressions: list[ExpressionRule] = []
    remarks: list[str] = []
    ids: set[str] = set()
    used: set[str] = set()
    for file in files:
        for document in file.documents:
            if not is_constraint(document):
                continue
            rule_id = constraint_id(document, file.path)
            if rule_id in ids:
                # A gallery has the same constraint in several samples; a cluster would keep the last one applied.
                remarks.append(f"{file.path}: another {rule_id} is in the folder; both are judged")
                rule_id = f"{rule_id}@{file.path.parent.name}/{file.path.stem}"
            ids.add(rule_id)
            constraint = read_constraint(document, templates.get(document["kind"]), file.path)
            made = constraint_rule(constraint, rule_id)
            used.add(document["kind"])
            if isinstance(made, ForeignRule):
                rules.append(made)
            else:
                expressions.append(made)
    modules = {name: text for one in templates.values() for name, text in one.modules.items()}
    remarks += [
        f"{one.path}: no constraint of {kind} in the folder, so the template judges nothing"
        for kind, one in templates.items()
        if kind not in used
    ]
    return ForeignRules(
        rules=tuple(rules), expressions=tuple(expressions), modules=modules, remarks=tuple(remarks)
    )


def constraint_id(constraint: Mapping[str, Any], path: Path) -> str:
    """The rule id of a constraint: its kind and name."""
    name = mapping(constraint.get("metadata")).get("name")
    return f"gatekeeper/{constraint['kind'].lower()}/{name or path.stem}"


def is_constraint(document: Mapping[str, Any]) -> bool:
    """True for a constraint."""
    return group_of(document) == CONSTRAINT_GROUP and isinstance(document.get("kind"), str)


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """A constraint with its template. `reason` says why it is not evaluated, `outcome` whether that is an error."""

    kind: str
    path: Path
    template: Template | None
    wanted: Mapping[str, Any]
    parameters: Any
    action: str
    reason: str = ""
    outcome: str = "error"
    schema_problem: str = ""

    @property
    def in_cel(self) -> bool:
        """True where the template's CEL is what is evaluated."""
        template = self.template
        if template is None or template.expressions is None or self.reason:
            return False
        # A manifest by itself does not show its namespace's labels; Rego is asked about the whole environment.
        return self.wanted["namespace_labels"] is None or not template.package

    @property
    def over_set(self) -> bool:
        """True where its verdicts depend on other resources."""
        return (
            not self.in_cel
            and self.template is not None
            and (self.template.inventory is not None or self.wanted["namespace_labels"] is not None)
        )

    def expression_rule(self, metadata: RuleMetadata) -> ExpressionRule:
        """The constraint as a rule in CEL."""
        assert self.template is not None and self.template.expressions is not None  # noqa: S101, PT018 - in_cel
        return ExpressionRule.of_template(
            self.template.expressions,
            metadata,
            self.wanted,
            self.parameters,
            self.path,
            advisory=self.action != "deny",
            warns=self.action == "warn",
        )


def read_constraint(document: Mapping[str, Any], template: Template | None, path: Path) -> Constraint:
    """The constraint, its parameters with the template's defaults."""
    kind = document["kind"]
    spec = mapping(document.get("spec"))
    action, reason = enforcement(spec)
    wanted: dict[str, Any] = {"kinds": [], "namespace_labels": None}
    parameters: Any = {}
    outcome = "error"
    problem = ""
    if template is not None:
        parameters = with_defaults(template.schema, spec.get("parameters") or {})
        problem = schema_problem(template.schema, parameters)
        reason = reason or (problem and f"the parameters do not fit the template's schema: {problem}")
    try:
        wanted = normal_match(spec.get("match"), str(path))
        if wanted.pop("generated_only"):
            reason, outcome = "the constraint matches only resources that Gatekeeper generates", "skipped"
    except PolicyError as error:
        reason = problem = error.message
    if template is None:
        reason, outcome = f"no ConstraintTemplate of {kind} in the folder", "skipped"
    elif template.reason:
        reason, outcome = template.reason, "skipped"
    return Constraint(
        kind=kind,
        path=path,
        template=template,
        wanted=wanted,
        parameters=parameters,
        action=action,
        reason=reason,
        outcome=outcome,
        schema_problem=problem,
    )


def constraint_rule(constraint: Constraint, rule_id: str) -> ForeignRule | ExpressionRule:
    """The rule of one constraint; where it cannot be evaluated, a rule that says so by name."""
    template, path, wanted = constraint.template, constraint.path, constraint.wanted
    name = rule_name(rule_id)
    over_set = constraint.over_set
    kinds = _kinds_of(wanted["kinds"])
    info = metadata_for(
        rule_id,
        title=template.title if template else constraint.kind,
        description=template.description if template else "",
        severity=SEVERITIES[constraint.action],
        kinds=_set_kinds(kinds, template) if over_set and template else kinds,
        path=path,
        over_set=over_set,
    )
    if constraint.in_cel:
        return constraint.expression_rule(info)
    if constraint.reason or template is None:
        source = unevaluated(CATEGORY, name, constraint.outcome, constraint.reason, over_set=over_set)
    else:
        source = _module(name, constraint)
    return ForeignRule(
        category=CATEGORY,
        name=name,
        path=path,
        metadata=info,
        source=source,
        modules=tuple(template.modules) if template and not constraint.reason else (),
        advisory=constraint.action != "deny",
        warns=constraint.action == "warn",
        reason=constraint.reason,
        outcome=constraint.outcome if constraint.reason else "",
    )


def enforcement(spec: Mapping[str, Any]) -> tuple[str, str]:
    """The strictest enforcement action of a constraint, and what is wrong with it ('' for nothing)."""
    action = spec.get("enforcementAction") or "deny"
    if action == "scoped":
        scoped = spec.get("scopedEnforcementActions")
        actions = [mapping(one).get("action") for one in scoped] if isinstance(scoped, list) else []
        known = [one for one in SEVERITIES if one in actions]
        return (known[0], "") if known else ("deny", "scopedEnforcementActions names no deny, warn or dryrun")
    if action not in SEVERITIES:
        # Gatekeeper takes any other action as one that is not enforced and still reported.
        return "dryrun", ""
    return str(action), ""


def _module(name: str, constraint: Constraint) -> str:
    template = constraint.template
    assert template is not None  # noqa: S101 - a constraint without one is not evaluated
    if not constraint.over_set:
        return module_head(name, constraint) + _SINGLE.format(package=template.package)
    inventory = "gk.gk_inventory(input.set)" if template.inventory is not None else "{}"
    return module_head(name, constraint) + _SET.format(package=template.package, inventory=inventory)


def module_head(name: str, constraint: Constraint) -> str:
    """The beginning of a constraint's module: package, imports, and what the constraint says."""
    return (
        f"package auditor.{CATEGORY}.{name}\n\n"
        "import data.foreign.finding as findings_of\nimport data.foreign.gatekeeper as gk\n\n"
        f"wanted := {rego_literal(constraint.wanted)}\n\n"
        f"parameters := {rego_literal(constraint.parameters)}\n\n"
    )


_SINGLE = """\
findings contains finding if {{
	gk.gk_fits(wanted, input.resource)
	asked := {{"review": gk.gk_review(input.resource), "parameters": parameters}}
	named := "violation"
	found := data.{package}[named] with input as asked
	some one in found
	finding := findings_of.finding_of(one)
}}
"""

_SET = """\
inventory := {inventory}

known := gk.gk_namespace_labels(input.set)

findings contains finding if {{
	stored := inventory
	some number, thing in input.set
	gk.gk_fits(wanted, thing)
	gk.gk_home_fits(wanted.namespace_labels, thing, known)
	asked := {{"review": gk.gk_review(thing), "parameters": parameters, "inventory": stored}}
	named := "violation"
	found := data.{package}[named] with input as asked
	some one in found
	finding := object.union(findings_of.finding_of(one), {{"resource": number}})
}}

findings contains finding if {{
	some number, thing in input.set
	gk.gk_fits(wanted, thing)
	gk.gk_home_unknown(wanted.namespace_labels, thing, known)
	finding := {{
		"message": "the constraint selects by its namespace's labels, and the Namespace is not declared here",
		"pointer": "",
		"details": {{}},
		"outcome": "error",
		"resource": number,
	}}
}}
"""


def _kinds_of(entries: Sequence[Mapping[str, list[str]]]) -> tuple[str, ...]:
    """The kinds that are matched, as a router takes them; every kind where a wildcard is among them."""
    found: set[str] = set()
    for entry in entries:
        groups, kinds = entry["groups"] or ["*"], entry["kinds"] or ["*"]
        if "*" in groups or "*" in kinds:
            return EVERY_KIND
        found.update(f"{group}/{kind}" if group else kind for group in groups for kind in kinds)
    return tuple(sorted(found)) or EVERY_KIND


def _set_kinds(kinds: tuple[str, ...], template: Template) -> tuple[str, ...]:
    """The kinds whose manifests make the set: those matched, namespaces, and those of the inventory."""
    if kinds == EVERY_KIND or (template.inventory and "*" in template.inventory):
        return EVERY_KIND
    # The inventory is asked for kinds without saying their group.
    read = {f"*/{kind}" for kind in template.inventory or ()}
    return tuple(sorted({*kinds, *read, "Namespace"}))
