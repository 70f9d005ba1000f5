"""Gatekeeper's `spec.match` and Kubernetes' label selectors: read strictly, and brought into one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.errors import PolicyError

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")

_MATCH_KEYS = frozenset(
    {
        "kinds",
        "scope",
        "namespaces",
        "excludedNamespaces",
        "labelSelector",
        "namespaceSelector",
        "name",
        "source",
    }
)
_SCOPES = {"Cluster": "Cluster", "Namespaced": "Namespaced"}
_SOURCES = ("", "All", "Original", "Generated")


def normal_match(match: Any, where: str) -> dict[str, Any]:
    """`spec.match` in the form that `support.GATEKEEPER_MODULE` takes.

    Selectors are lists of requirements, names and namespaces lists of globs; [] takes everything in.
    `namespace_labels` is None without a namespaceSelector. `generated_only` where `source` is Generated, which no
    declared object is. PolicyError (naming `where`) for what Gatekeeper refuses.
    """
    match = {} if match is None else match
    if not isinstance(match, Mapping):
        raise PolicyError(f"{where}: spec.match is not a mapping")
    unknown = sorted(set(match) - _MATCH_KEYS)
    if unknown:
        raise PolicyError(f"{where}: spec.match has no field {unknown[0]!r}")
    source = match.get("source") or ""
    if source not in _SOURCES:
        raise PolicyError(f"{where}: spec.match.source is {source!r}", hint="All, Original or Generated")
    name = match.get("name") or ""
    return {
        "kinds": [_kinds(one, where) for one in _list(match.get("kinds"), where, "kinds")],
        # Anything else is no restriction: Gatekeeper takes it so.
        "scope": _SCOPES.get(match.get("scope") or "", ""),
        "namespaces": [glob(one, where) for one in _list(match.get("namespaces"), where, "namespaces")],
        "excluded": [
            glob(one, where) for one in _list(match.get("excludedNamespaces"), where, "excludedNamespaces")
        ],
        "labels": selector(match.get("labelSelector"), f"{where}: spec.match.labelSelector") or [],
        "namespace_labels": selector(
            match.get("namespaceSelector"), f"{where}: spec.match.namespaceSelector"
        ),
        "name": [glob(name, where)] if name else [],
        "generated_only": source == "Generated",
    }


def glob(text: Any, where: str) -> dict[str, str]:
    """A name with `*` in front, behind, or both: {"how": exact | prefix | suffix | inside, "text": …}."""
    if not isinstance(text, str):
        raise PolicyError(f"{where}: {text!r} is no name")
    before, after = text.startswith("*"), text.endswith("*")
    if before and after:
        return {"how": "inside", "text": text.removeprefix("*").removesuffix("*")}
    if before:
        return {"how": "suffix", "text": text.removeprefix("*")}
    return {"how": "prefix", "text": text.removesuffix("*")} if after else {"how": "exact", "text": text}


def selector(value: Any, where: str) -> list[dict[str, Any]] | None:
    """A label selector's requirements ({"key", "operator", "values"}), None without a selector. PolicyError."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or set(value) - {"matchLabels", "matchExpressions"}:
        raise PolicyError(f"{where} is no label selector", hint="it takes matchLabels and matchExpressions")
    labels = value.get("matchLabels") or {}
    if not isinstance(labels, Mapping) or not all(isinstance(one, str) for one in labels.values()):
        raise PolicyError(f"{where}: matchLabels is not a mapping of texts")
    found: list[dict[str, Any]] = [
        {"key": key, "operator": "In", "values": [label]} for key, label in sorted(labels.items())
    ]
    for one in value.get("matchExpressions") or []:
        found.append(_requirement(one, where))
    return found


def meets(requirements: list[dict[str, Any]] | None, labels: Mapping[str, Any]) -> bool:
    """True where the labels meet every requirement. A missing label meets NotIn, as Kubernetes has it."""
    return all(_meets(one, labels) for one in requirements or ())


def _meets(requirement: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, operator = requirement["key"], requirement["operator"]
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    within = key in labels and labels[key] in requirement["values"]
    return within if operator == "In" else not within


def _requirement(one: Any, where: str) -> dict[str, Any]:
    operator = one.get("operator") if isinstance(one, Mapping) else None
    if operator not in OPERATORS or not isinstance(one.get("key"), str):
        raise PolicyError(
            f"{where}: a requirement has operator {operator!r}", hint=f"one of {', '.join(OPERATORS)}"
        )
    values = one.get("values") or []
    takes_values = operator in ("In", "NotIn")
    if not isinstance(values, list) or takes_values is not bool(values):
        raise PolicyError(
            f"{where}: operator {operator} {'needs' if takes_values else 'takes no'} values ({one['key']})"
        )
    return {"key": one["key"], "operator": operator, "values": values}


def _kinds(one: Any, where: str) -> dict[str, list[str]]:
    if not isinstance(one, Mapping):
        raise PolicyError(f"{where}: an entry of spec.match.kinds is not a mapping")
    return {
        "groups": _list(one.get("apiGroups"), where, "kinds.apiGroups"),
        "kinds": _list(one.get("kinds"), where, "kinds.kinds"),
    }


def _list(value: Any, where: str, key: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise PolicyError(f"{where}: spec.match.{key} is not a list")
    return value


def fits_constraint(wanted: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    """True where a constraint's match (`normal_match`) takes the manifest in; the same as in Rego.

    PolicyError where it selects by the labels of a namespace, which a manifest by itself does not show.
    """
    metadata = manifest.get("metadata") or {}
    group = str(manifest.get("apiVersion") or "").rpartition("/")[0]
    kind = manifest.get("kind")
    is_namespace = kind == "Namespace" and not group
    namespace = str(metadata.get("namespace") or "")
    home = str(metadata.get("name") or "") if is_namespace else namespace
    labels = metadata.get("labels") or {}
    names = [(str(metadata.get("name") or ""), True), (str(metadata.get("generateName") or ""), False)]
    taken = (
        (not wanted["kinds"] or any(_kind_fits(one, group, kind) for one in wanted["kinds"]))
        and (wanted["scope"] != "Cluster" or is_namespace or not namespace)
        and (wanted["scope"] != "Namespaced" or (not is_namespace and bool(namespace)))
        and (
            not wanted["namespaces"] or not home or any(_glob_fits(one, home) for one in wanted["namespaces"])
        )
        and not (home and any(_glob_fits(one, home) for one in wanted["excluded"]))
        and meets(wanted["labels"], labels)
        and (
            not wanted["name"]
            or any(
                _glob_fits(one, name)
                for one in wanted["name"]
                for name, exact in names
                if exact or one["how"] in ("prefix", "inside")
            )
        )
    )
    if not taken or wanted["namespace_labels"] is None or (not is_namespace and not namespace):
        return taken
    if is_namespace:
        return meets(wanted["namespace_labels"], labels)
    raise PolicyError("the constraint selects by the labels of a namespace, which is not looked up for CEL")


def _kind_fits(one: Mapping[str, list[str]], group: str, kind: Any) -> bool:
    return (not one["kinds"] or "*" in one["kinds"] or kind in one["kinds"]) and (
        not one["groups"] or "*" in one["groups"] or group in one["groups"]
    )


def _glob_fits(glob: Mapping[str, str], name: str) -> bool:
    how, text = glob["how"], glob["text"]
    if how == "exact":
        return name == text
    if how == "prefix":
        return name.startswith(text)
    return name.endswith(text) if how == "suffix" else text in name
