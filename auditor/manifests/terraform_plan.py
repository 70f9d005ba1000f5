"""What `terraform show -json` tells of a plan, as the same documents that Terraform's files are.

A resource of the plan is a document of its type, by its name and index in its module; what is known of it only after
the plan is applied stands as an expression (`${…}`), as it would in the file. So every rule on Terraform judges the
planned values: variables, locals and modules are filled in.

The format: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from auditor.manifests.interface import SourceText
from auditor.manifests.limits import DEFAULT_LIMITS
from auditor.manifests.marks import Node
from auditor.manifests.secrets import CREDENTIAL_PREFIX, Redactor
from auditor.manifests.sourcenames import is_plan_name
from auditor.manifests.terraform import API_VERSION, TerraformFormat
from auditor.model import JsonObject, Problem

SENSITIVE = "sensitive"
"""Where a document holds what the plan says of its secrets, until they are replaced."""

MOST_BYTES = 32 * 1024 * 1024
_MOST_DEPTH = 40
_POLICIES = ("policy", "_policy", "policy_document")
_DOCUMENT = 64 * 1024


class TerraformPlanFormat:
    """`plan.json`, `tfplan.json`, and these with something before: `prod.tfplan.json`."""

    name = "terraform-plan"

    def is_named(self, path: str) -> bool:
        """As `SourceFormat.is_named`."""
        return is_plan_name(path)

    def read(self, content: bytes, path: str) -> SourceText:
        """As `SourceFormat.read`. JSON that is no plan says nothing; a manifest under such a name is a problem."""
        if len(content) > MOST_BYTES:
            return _refused("limit", f"the file is larger than {MOST_BYTES} bytes")
        try:
            plan = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            return _refused("syntax", "this is no JSON", error.lineno, error.colno)
        if not isinstance(plan, dict):
            return SourceText()
        if "apiVersion" in plan and "kind" in plan:
            return _refused(
                "syntax", "this is a manifest in a file that is named as a plan, and is not judged"
            )
        values = plan.get("planned_values")
        if not isinstance(values, dict) or "format_version" not in plan:
            return SourceText()
        folder = path.rpartition("/")[0]
        try:
            manifests = [*_resources(plan, folder), *_configured(plan, folder)]
            roots = tuple(_node(manifest, 0) for manifest in manifests)
        except RecursionError:
            return _refused("limit", f"the plan nests more than {_MOST_DEPTH} deep")
        if len(roots) > DEFAULT_LIMITS.documents * 10:
            return _refused("limit", f"more than {DEFAULT_LIMITS.documents * 10} resources")
        return SourceText(roots=roots)

    def redact(self, manifest: JsonObject, redactor: Redactor) -> dict[str, Any]:
        """As `SourceFormat.redact`: as Terraform's files, and everything that the plan calls sensitive."""
        rest = {name: value for name, value in manifest.items() if name != SENSITIVE}
        body = _hidden(rest["body"], manifest.get(SENSITIVE), redactor)
        return TerraformFormat().redact({**rest, "body": body}, redactor)


def _resources(plan: Mapping[str, Any], folder: str) -> Iterator[dict[str, Any]]:
    unknown = {
        change.get("address"): change.get("change", {}).get("after_unknown")
        for change in _objects(plan.get("resource_changes"))
        if isinstance(change.get("change"), dict)
    }
    configuration = plan.get("configuration")
    references = dict(_references(_object(_object(configuration).get("root_module")), ""))
    pending = [(_object(plan["planned_values"].get("root_module")), "")]
    while pending:
        module, place = pending.pop(0)
        for child in _objects(module.get("child_modules")):
            pending.append((child, str(child.get("address", ""))))
        for resource in _objects(module.get("resources")):
            address, name = str(resource.get("address", "")), str(resource.get("name", ""))
            mode = "data." if resource.get("mode") == "data" else ""
            index = resource.get("index")
            shown = name if index is None else f"{name}[{orjson.dumps(index).decode()}]"
            said = references.get((_without_indexes(place), f"{mode}{resource.get('type')}.{name}"), {})
            body = _with_unknown(_object(resource.get("values")), _object(unknown.get(address)), said)
            yield _manifest(mode + str(resource.get("type", "")), folder, place, shown, body) | {
                SENSITIVE: resource.get("sensitive_values")
            }


def _configured(plan: Mapping[str, Any], folder: str) -> Iterator[dict[str, Any]]:
    """Providers and calls of modules, which are in the plan as they are configured."""
    configuration = _object(plan.get("configuration"))
    for key, provider in _object(configuration.get("provider_config")).items():
        said = _object(provider)
        name = str(said.get("name", key)) + (f".{said['alias']}" if said.get("alias") else "")
        body = _constants(_object(said.get("expressions")))
        if said.get("version_constraint"):
            body["version"] = said["version_constraint"]
        yield _manifest("provider", folder, str(said.get("module_address", "")), name, body)
    for name, call in _object(_object(configuration.get("root_module")).get("module_calls")).items():
        said = _object(call)
        body = _constants(_object(said.get("expressions"))) | {"source": said.get("source", "")}
        if said.get("version_constraint"):
            body["version"] = said["version_constraint"]
        yield _manifest("module", folder, "", str(name), body)


def _manifest(kind: str, folder: str, module: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    namespace = "/".join(part for part in (folder, module) if part)
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "body": body}


def _references(module: Mapping[str, Any], place: str) -> Iterator[tuple[tuple[str, str], dict[str, str]]]:
    """What each resource's attributes refer to, by module and address; without indexes, as the configuration is."""
    for resource in _objects(module.get("resources")):
        mode = "data." if resource.get("mode") == "data" else ""
        address = f"{mode}{resource.get('type')}.{resource.get('name')}"
        said = {
            attribute: f"${{{names[0]}}}"
            for attribute, expression in _object(resource.get("expressions")).items()
            if isinstance(expression, dict) and (names := expression.get("references"))
        }
        yield (place, address), said
    for name, call in _object(module.get("module_calls")).items():
        below = f"{place}.module.{name}" if place else f"module.{name}"
        yield from _references(_object(_object(call).get("module")), below)


def _without_indexes(address: str) -> str:
    """`module.a["x.y"].module.b[0]` without what is in brackets."""
    text, depth, quoted = "", 0, False
    for mark in address:
        if mark == '"':
            quoted = not quoted
        depth += (mark == "[") - (mark == "]") if not quoted else 0
        if depth == 0 and mark not in '[]"':
            text += mark
    return text


def _with_unknown(
    values: Mapping[str, Any], unknown: Mapping[str, Any], said: Mapping[str, str]
) -> dict[str, Any]:
    """The values without those that are null, with an expression for those that are not known yet."""
    body: dict[str, Any] = {}
    for name, value in values.items():
        if value is not None:
            body[name] = _document(name, _without_null(value))
    for name, is_unknown in unknown.items():
        if is_unknown is True:
            body[name] = said.get(name, "${known after apply}")
    return body


def _document(name: str, value: Any) -> Any:
    """A policy in JSON as what it says; any other value as it is."""
    if isinstance(value, str) and name.endswith(_POLICIES) and value[:1] == "{" and len(value) <= _DOCUMENT:
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_null(entry) for name, entry in value.items() if entry is not None}
    return [_without_null(entry) for entry in value] if isinstance(value, list) else value


def _constants(expressions: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, expression in expressions.items():
        if isinstance(expression, dict) and "constant_value" in expression:
            body[name] = expression["constant_value"]
        elif isinstance(expression, dict) and expression.get("references"):
            body[name] = f"${{{expression['references'][0]}}}"
    return body


def _hidden(value: Any, sensitive: Any, redactor: Redactor) -> Any:
    if sensitive is True:
        if isinstance(value, dict | list):
            entries = value.items() if isinstance(value, dict) else enumerate(value)
            hidden = {key: _hidden(entry, True, redactor) for key, entry in entries}
            return hidden if isinstance(value, dict) else list(hidden.values())
        if value is None or isinstance(value, bool) or (isinstance(value, str) and "${" in value):
            return value
        return value if str(value).startswith(CREDENTIAL_PREFIX) else redactor.credential(str(value))
    if isinstance(value, dict) and isinstance(sensitive, dict):
        return {name: _hidden(entry, sensitive.get(name), redactor) for name, entry in value.items()}
    if isinstance(value, list) and isinstance(sensitive, list):
        marks = [*sensitive, *([None] * len(value))]
        return [_hidden(entry, mark, redactor) for entry, mark in zip(value, marks, strict=False)]
    return value


def _node(value: Any, depth: int) -> Node:
    """Nodes without places: a plan is one line, and nobody edits it."""
    if depth > _MOST_DEPTH:
        raise RecursionError
    if isinstance(value, dict):
        node = Node(sort="mapping", line=1, column=1, start=0, end=0)
        node.entries.extend((name, node, _node(entry, depth + 1)) for name, entry in value.items())
        return node
    if isinstance(value, list):
        items = [_node(entry, depth + 1) for entry in value]
        return Node(sort="sequence", line=1, column=1, start=0, end=0, items=items)
    return Node(sort="scalar", line=1, column=1, start=0, end=0, value=value)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _refused(code: str, message: str, line: int = 1, column: int = 1) -> SourceText:
    return SourceText(problems=(Problem(code=code, message=message, line=line, column=column, document=0),))
