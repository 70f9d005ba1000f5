"""Label selectors of ApplicationSets: of clusters by their labels, of generated parameters by their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.manifests.deployments.values import mapping, mappings, text, texts
from auditor.manifests.gotemplate.formatting import as_text, weighed


def is_selected(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """True where the labels meet `matchLabels` and `matchExpressions`; an empty selector selects all."""
    wanted = mapping(selector.get("matchLabels"))
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _meets(entry, labels) for entry in mappings(selector.get("matchExpressions"))
    )


def _meets(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, operator = text(expression.get("key")), expression.get("operator")
    values = texts(expression.get("values"))
    if operator == "In":
        return key in labels and str(labels[key]) in values
    if operator == "NotIn":
        return key not in labels or str(labels[key]) not in values
    if operator == "Exists":
        return key in labels
    return operator == "DoesNotExist" and key not in labels


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Nested values as texts under names with dots; a list's entries are numbered."""
    weighed(values)
    found: dict[str, Any] = {}
    pending: list[tuple[str, Any]] = [(str(key), value) for key, value in reversed(list(values.items()))]
    while pending:
        name, value = pending.pop()
        if isinstance(value, Mapping):
            pending += [(f"{name}.{key}", inner) for key, inner in reversed(list(value.items()))]
        elif isinstance(value, list):
            pending += [(f"{name}.{number}", inner) for number, inner in reversed(list(enumerate(value)))]
        else:
            found[name] = as_text(value)
    return found
