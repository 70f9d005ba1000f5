"""Gatekeeper's ConstraintTemplates: their code, and the schema of what constraints may give them."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.errors import PolicyError
from auditor.policy.foreign.expressions import program_problem
from auditor.policy.foreign.naming import named_apart
from auditor.policy.foreign.translate import Translated, translate

TARGET = "admission.k8s.gatekeeper.sh"


TEMPLATE_GROUP = "templates.gatekeeper.sh"


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


def is_template(document: Mapping[str, Any]) -> bool:
    """True for a ConstraintTemplate."""
    return document.get("kind") == "ConstraintTemplate" and group_of(document) == TEMPLATE_GROUP


def read_template(document: Mapping[str, Any], path: Path, prefix: str) -> Template:
    """The template, its Rego under the prefix. Code that cannot run is its `reason`; PolicyError without a kind."""
    spec = mapping(document.get("spec"))
    crd = mapping(mapping(spec.get("crd")).get("spec"))
    kind = mapping(crd.get("names")).get("kind")
    if not isinstance(kind, str):
        raise PolicyError(f"{path}: the ConstraintTemplate has no spec.crd.spec.names.kind")
    annotations = mapping(mapping(document.get("metadata")).get("annotations"))
    described: dict[str, Any] = {
        "kind": kind,
        "path": path,
        "title": str(annotations.get("metadata.gatekeeper.sh/title") or kind),
        "description": str(annotations.get("description") or ""),
        "schema": mapping(mapping(crd.get("validation")).get("openAPIV3Schema")),
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
        source = mapping(mapping(code).get("source"))
        if mapping(code).get("engine") == "Rego":
            rego, libs = source.get("rego"), source.get("libs") or []
        elif mapping(code).get("engine") == "K8sNativeValidation":
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


def schema_problem(schema: Mapping[str, Any], parameters: Any) -> str:
    """What the template's schema has against the parameters, '' where they fit or there is no schema."""
    if not schema:
        return ""
    import jsonschema_rs

    try:
        # Nothing is fetched for a $ref, and no pattern takes longer than its text is long.
        validator = jsonschema_rs.Draft7Validator(
            _nullable(schema), offline=True, pattern_options=jsonschema_rs.RegexOptions()
        )
        error = next(iter(validator.iter_errors(parameters)), None)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, TypeError, ValueError) as problem:
        return f"the template's schema cannot be read: {str(problem).partition(chr(10))[0]}"
    if error is None:
        return ""
    where = ".".join(str(part) for part in error.instance_path)
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


def with_defaults(schema: Mapping[str, Any], value: Any, depth: int = 0) -> Any:
    """The value with the schema's defaults filled in, as the API server does with a constraint's parameters."""
    if depth > _DEFAULTS_DEPTH:
        return value
    if isinstance(value, Mapping):
        filled = dict(value)
        for name, below in mapping(schema.get("properties")).items():
            if name not in filled and isinstance(below, Mapping) and "default" in below:
                filled[name] = copy.deepcopy(below["default"])
            if name in filled and isinstance(below, Mapping):
                filled[name] = with_defaults(below, filled[name], depth + 1)
        return filled
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, Mapping):
        return [with_defaults(items, one, depth + 1) for one in value]
    return value


def group_of(document: Mapping[str, Any]) -> str:
    """The API group of an object."""
    return str(document.get("apiVersion") or "").rpartition("/")[0]


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}
