"""The form that others' documents need to have to be read at all: what is of another type is named with its place.

Only the types of what is read here are held; whether a document is right is for whoever it was written for.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.errors import PolicyError

_TEXT = {"type": ["string", "null"]}
_TEXTS = {"type": ["array", "null"], "items": {"type": "string"}}
_ANY: dict[str, Any] = {}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": ["object", "null"], "properties": properties}


def _list(items: Any) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": items}


_EXPRESSIONS = _list(
    {"type": "object", "properties": {"name": _TEXT, "expression": _TEXT, "message": _TEXT, "reason": _TEXT}}
)
_SELECTOR = _object(
    matchLabels={"type": ["object", "null"]},
    matchExpressions=_list({"type": "object", "properties": {"values": _list(_ANY)}}),
)
_RESOURCE_RULES = _list(
    {
        "type": "object",
        "properties": {
            "apiGroups": _TEXTS,
            "apiVersions": _TEXTS,
            "operations": _TEXTS,
            "resources": _TEXTS,
            "resourceNames": _TEXTS,
            "scope": _TEXT,
        },
    }
)
_MATCH_RESOURCES = _object(
    resourceRules=_RESOURCE_RULES,
    excludeResourceRules=_RESOURCE_RULES,
    objectSelector=_SELECTOR,
    namespaceSelector=_SELECTOR,
    matchPolicy=_TEXT,
)
_METADATA = _object(
    name=_TEXT, namespace=_TEXT, labels={"type": ["object", "null"]}, annotations={"type": ["object", "null"]}
)
_CODE = _list({"type": "object", "properties": {"engine": _TEXT, "source": _object(rego=_TEXT, libs=_TEXTS)}})

_FORMS: Mapping[tuple[str, str], dict[str, Any]] = {
    ("templates.gatekeeper.sh", "ConstraintTemplate"): _object(
        metadata=_METADATA,
        spec=_object(
            crd=_object(
                spec=_object(names=_object(kind=_TEXT), validation=_object(openAPIV3Schema=_object()))
            ),
            targets=_list(
                {
                    "type": "object",
                    "properties": {"target": _TEXT, "rego": _TEXT, "libs": _TEXTS, "code": _CODE},
                }
            ),
        ),
    ),
    ("constraints.gatekeeper.sh", "*"): _object(
        metadata=_METADATA,
        spec=_object(
            match=_object(
                kinds=_list({"type": "object", "properties": {"apiGroups": _TEXTS, "kinds": _TEXTS}}),
                namespaces=_TEXTS,
                excludedNamespaces=_TEXTS,
                labelSelector=_SELECTOR,
                namespaceSelector=_SELECTOR,
                name=_TEXT,
                scope=_TEXT,
                source=_TEXT,
            ),
            enforcementAction=_TEXT,
            scopedEnforcementActions=_list({"type": "object", "properties": {"action": _TEXT}}),
        ),
    ),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): _object(
        metadata=_METADATA,
        spec=_object(
            matchConstraints=_MATCH_RESOURCES,
            matchConditions=_EXPRESSIONS,
            validations=_EXPRESSIONS,
            variables=_EXPRESSIONS,
            paramKind=_object(apiVersion=_TEXT, kind=_TEXT),
            failurePolicy=_TEXT,
        ),
    ),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): _object(
        metadata=_METADATA,
        spec=_object(
            policyName=_TEXT,
            validationActions=_TEXTS,
            matchResources=_MATCH_RESOURCES,
            paramRef=_object(name=_TEXT, namespace=_TEXT, selector=_SELECTOR),
        ),
    ),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _object(
        metadata=_METADATA,
        spec=_object(
            group=_TEXT,
            names=_object(kind=_TEXT, plural=_TEXT),
            versions=_list(
                {
                    "type": "object",
                    "properties": {
                        "name": _TEXT,
                        "schema": _object(openAPIV3Schema={"$ref": "#/$defs/schema"}),
                    },
                }
            ),
        ),
    )
    | {
        "$defs": {
            "schema": _object(
                properties={"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/schema"}},
                items={"anyOf": [{"$ref": "#/$defs/schema"}, {"type": ["array", "boolean"]}]},
                **{
                    "x-kubernetes-validations": _list(
                        {"type": "object", "properties": {"rule": _TEXT, "message": _TEXT}}
                    ),
                    "x-kubernetes-list-map-keys": _TEXTS,
                },
            )
        }
    },
}
"""By API group and kind; "*" is every kind of the group."""


def check_form(document: Mapping[str, Any], path: Path) -> None:
    """PolicyError naming the place where a document that is read here has another form."""
    group = str(document.get("apiVersion") or "").rpartition("/")[0]
    kind = str(document.get("kind") or "")
    validator = _validator(group, kind) or _validator(group, "*")
    error = next(iter(validator.iter_errors(document)), None) if validator is not None else None
    if error is not None:
        where = ".".join(str(part) for part in error.instance_path)
        raise PolicyError(f"{path}: {kind}: {where or 'the document'}: {error.message}")


@functools.lru_cache(maxsize=32)
def _validator(group: str, kind: str) -> Any:
    form = _FORMS.get((group, kind))
    if form is None:
        return None
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(form, offline=True)
