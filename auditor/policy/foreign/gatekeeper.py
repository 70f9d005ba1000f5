"""Gatekeeper: ConstraintTemplates and Constraints as they are, each constraint a rule.

Rego targets run on the policy engine; a template whose only code is CEL is an expression rule. What reads
`data.inventory`, or matches by the labels of a namespace, looks at a whole environment.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.errors import PolicyError
from auditor.model import Severity
from auditor.policy.foreign.expressions import ExpressionRule, program_problem
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
from auditor.policy.foreign.naming import named_apart
from auditor.policy.foreign.support import rego_literal
from auditor.policy.foreign.translate import Translated, translate
from auditor.policy.metadata import RuleMetadata

CATEGORY = "gatekeeper"
TARGET = "admission.k8s.gatekeeper.sh"
TEMPLATE_GROUP = "templates.gatekeeper.sh"
CONSTRAINT_GROUP = "constraints.gatekeeper.sh"

SEVERITIES = {"deny": Severity.MEDIUM, "warn": Severity.LOW, "dryrun": Severity.LOW}
"""By enforcement action; the strictest first."""

_DEFAULTS_DEPTH = 30


@dataclass(frozen=True, kw_only=True)
class Template:
    """A ConstraintTemplate: its kind of constraint, its code and what it may be given.

    `expressions` is its CEL source, which goes before Rego as in Gatekeeper; None where it has none that runs here.
    `modules` are the translated modules by name, `package` the path of the one that has `violation`. `reason` says
    why neither can run ('' where one can).
    """

    kind: str
    path: Path
    title: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    package: str = ""
    inventory: frozenset[str] | None = None
    expressions: Mapping[str, Any] | None = None
    reason: str = ""


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
    name = _mapping(constraint.get("metadata")).get("name")
    return f"gatekeeper/{constraint['kind'].lower()}/{name or path.stem}"


def is_template(document: Mapping[str, Any]) -> bool:
    """True for a ConstraintTemplate."""
    return document.get("kind") == "ConstraintTemplate" and _group(document) == TEMPLATE_GROUP


def is_constraint(document: Mapping[str, Any]) -> bool:
    """True for a constraint."""
    return _group(document) == CONSTRAINT_GROUP and isinstance(document.get("kind"), str)


def read_template(document: Mapping[str, Any], path: Path, prefix: str) -> Template:
    """The template, its Rego under the prefix. Code that cannot run is its `reason`; PolicyError without a kind."""
    spec = _mapping(document.get("spec"))
    crd = _mapping(_mapping(spec.get("crd")).get("spec"))
    kind = _mapping(crd.get("names")).get("kind")
    if not isinstance(kind, str):
        raise PolicyError(f"{path}: the ConstraintTemplate has no spec.crd.spec.names.kind")
    annotations = _mapping(_mapping(document.get("metadata")).get("annotations"))
    described: dict[str, Any] = {
        "kind": kind,
        "path": path,
        "title": str(annotations.get("metadata.gatekeeper.sh/title") or kind),
        "description": str(annotations.get("description") or ""),
        "schema": _mapping(_mapping(crd.get("validation")).get("openAPIV3Schema")),
    }
    targets = spec.get("targets")
    target = targets[0] if isinstance(targets, list) and len(targets) == 1 else None
    if not isinstance(target, Mapping) or target.get("target") != TARGET:
        return Template(**described, reason=f"the template's only target has to be {TARGET}")
    rego, libs, expressions = _code_of(target)
    reason = "the template has no code in Rego or CEL"
    if expressions is not None:
        reason = program_problem(expressions, str(path))
        described["expressions"] = None if reason else expressions
    if rego is None:
        return Template(**described, reason="" if expressions is not None and not reason else reason)
    try:
        return _with_rego(described, rego, libs, prefix)
    except PolicyError as error:
        return Template(**described, reason="" if described.get("expressions") else error.message)


def _code_of(target: Mapping[str, Any]) -> tuple[str | None, list[str], Mapping[str, Any] | None]:
    """The Rego, its libraries, and the CEL source of a target; None for what it has not."""
    rego, libs = target.get("rego"), target.get("libs") or []
    expressions = None
    for code in target.get("code") or []:
        source = _mapping(_mapping(code).get("source"))
        if _mapping(code).get("engine") == "Rego":
            rego, libs = source.get("rego"), source.get("libs") or []
        elif _mapping(code).get("engine") == "K8sNativeValidation":
            expressions = source
    return (rego if isinstance(rego, str) else None), [str(one) for one in libs], expressions


def _with_rego(described: dict[str, Any], rego: str, libs: list[str], prefix: str) -> Template:
    where = str(described["path"])
    moved = [("inventory", "input.inventory")]
    main = translate(rego, where, prefix, moved=moved)
    modules = [main, *(translate(text, where, prefix, moved=moved) for text in libs)]
    modules = named_apart(modules, prefix)
    for module in modules[1:]:
        if module.package[0] != "lib":
            raise PolicyError(f"the library package {'.'.join(module.package)} does not begin with lib.")
    for module in modules:
        if module.refused:
            raise PolicyError(f"the template calls {module.refused[0]}, which no rule may call here")
        beyond = sorted(
            path[0] if path else "" for path in module.reads if path[:1] not in (("inventory",), ("lib",))
        )
        if beyond:
            raise PolicyError(
                f"the template reads data.{beyond[0]}; only data.inventory and data.lib are there"
            )
    if not any(head.name == "violation" and head.form == "set" for head in main.heads):
        raise PolicyError("the template defines no violation")
    if any(head.name == "violation" and head.ambiguous for head in main.heads):
        raise PolicyError(
            "`violation[…] if` defines a map and no violations: write `violation contains … if`"
        )
    return Template(
        **described,
        modules={f"{prefix.replace('.', '/')}/{n}.rego": one.text for n, one in enumerate(modules)},
        package=f"{prefix}.{'.'.join(main.package)}",
        inventory=_inventory_kinds(modules),
    )


def _inventory_kinds(modules: Sequence[Translated]) -> frozenset[str] | None:
    """The kinds that are read from the inventory ('*' where the code does not say which), None without one."""
    paths = [path[1:] for module in modules for path in module.reads if path[:1] == ("inventory",)]
    if not paths:
        return None
    found: set[str] = set()
    for path in paths:
        place = {"namespace": 3, "cluster": 2}.get(path[0] if path else "", -1)
        found.add(path[place] if 0 < place < len(path) else "*")
    return frozenset(found)


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
            advisory=self.action == "dryrun",
        )


def read_constraint(document: Mapping[str, Any], template: Template | None, path: Path) -> Constraint:
    """The constraint, its parameters with the template's defaults."""
    kind = document["kind"]
    spec = _mapping(document.get("spec"))
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
    advisory = constraint.action == "dryrun"
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
        advisory=advisory,
    )


def schema_problem(schema: Mapping[str, Any], parameters: Any) -> str:
    """What the template's schema has against the parameters, '' where they fit or there is no schema."""
    if not schema:
        return ""
    import jsonschema

    try:
        error = next(iter(jsonschema.Draft7Validator(_nullable(schema)).iter_errors(parameters)), None)
    except (jsonschema.SchemaError, TypeError, AttributeError, re.error) as problem:
        return f"the template's schema cannot be read: {problem}"
    if error is None:
        return ""
    where = ".".join(str(part) for part in error.absolute_path)
    return f"{where}: {error.message}" if where else str(error.message)


def _nullable(schema: Any) -> Any:
    """OpenAPI's `nullable` and int-or-string as JSON Schema has them; formats are notes to people."""
    if isinstance(schema, list):
        return [_nullable(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {key: _nullable(value) for key, value in schema.items() if key != "format"}
    if made.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
    if made.get("nullable") and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


def enforcement(spec: Mapping[str, Any]) -> tuple[str, str]:
    """The strictest enforcement action of a constraint, and what is wrong with it ('' for nothing)."""
    action = spec.get("enforcementAction") or "deny"
    if action == "scoped":
        scoped = spec.get("scopedEnforcementActions")
        actions = [_mapping(one).get("action") for one in scoped] if isinstance(scoped, list) else []
        known = [one for one in SEVERITIES if one in actions]
        return (known[0], "") if known else ("deny", "scopedEnforcementActions names no deny, warn or dryrun")
    if action not in SEVERITIES:
        # Gatekeeper takes any other action as one that is not enforced and still reported.
        return "dryrun", ""
    return str(action), ""


def with_defaults(schema: Mapping[str, Any], value: Any, depth: int = 0) -> Any:
    """The value with the schema's defaults filled in, as the API server does with a constraint's parameters."""
    if depth > _DEFAULTS_DEPTH:
        return value
    if isinstance(value, Mapping):
        filled = dict(value)
        for name, below in _mapping(schema.get("properties")).items():
            if name not in filled and isinstance(below, Mapping) and "default" in below:
                filled[name] = copy.deepcopy(below["default"])
            if name in filled and isinstance(below, Mapping):
                filled[name] = with_defaults(below, filled[name], depth + 1)
        return filled
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, Mapping):
        return [with_defaults(items, one, depth + 1) for one in value]
    return value


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


def _group(document: Mapping[str, Any]) -> str:
    return str(document.get("apiVersion") or "").rpartition("/")[0]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
