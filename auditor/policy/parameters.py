"""What users may set on a rule: a JSON Schema a rule, and an error for everything it does not know."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from auditor.errors import ConfigurationError, PolicyError

if TYPE_CHECKING:
    from auditor.policy.library import Library, Rule


KUBERNETES_VERSION_PARAMETER = "kubernetes_version"
"""A rule that declares this parameter gets the judge's target version, unless the user set another."""


def effective_parameters(
    rules: Iterable[Rule], configured: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Rule id → its parameters: the schema's defaults, then what the user configured.

    Raises ConfigurationError for a rule id or a parameter that does not exist (naming the nearest that
    does) and for a value that the rule's schema refuses.
    """
    known = {rule.id: rule for rule in rules}
    for rule_id in configured:
        if rule_id not in known:
            raise ConfigurationError(
                f"parameters are set for {rule_id!r}, which is no rule", hint=_nearest(rule_id, known)
            )
    return {
        rule.id: _of_rule(rule.id, rule.metadata.parameters, configured.get(rule.id, {}))
        for rule in known.values()
        if rule.metadata.parameters or configured.get(rule.id)
    }


def merged(
    general: Mapping[str, Mapping[str, Any]], special: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Parameters by rule id: what is said for one environment over what is said for all, parameter by parameter."""
    return {
        rule_id: {**general.get(rule_id, {}), **special.get(rule_id, {})}
        for rule_id in (*general, *(rule_id for rule_id in special if rule_id not in general))
    }


def check_rule_ids(ids: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raises ConfigurationError naming the nearest rule where `where` in the configuration names one that is none."""
    there = frozenset(known)
    for rule_id in ids:
        if rule_id not in there:
            raise ConfigurationError(
                f"{where} names {rule_id!r}, which is no rule", hint=_nearest(rule_id, there)
            )


def parameter_bytes(
    library: Library, configured: Mapping[str, Mapping[str, Any]], version: str
) -> dict[str, bytes]:
    """Rule id → its parameters as JSON, the target version of Kubernetes filled in.

    Raises as `effective_parameters` does, and PolicyError for values that JSON has not.
    """
    import orjson

    values = effective_parameters(library.rules, configured)
    for rule in library.rules:
        declared = rule.metadata.parameters.get("properties", {})
        if KUBERNETES_VERSION_PARAMETER in declared and KUBERNETES_VERSION_PARAMETER not in configured.get(
            rule.id, {}
        ):
            values[rule.id][KUBERNETES_VERSION_PARAMETER] = version
    try:
        return {
            rule_id: orjson.dumps(given, option=orjson.OPT_SORT_KEYS) for rule_id, given in values.items()
        }
    except TypeError as error:
        raise PolicyError(f"a rule's parameters have no JSON form: {error}") from error


def profile_name(library: Library, general: Mapping[str, bytes], special: Mapping[str, bytes]) -> str:
    """What `special` parameters (by rule id as JSON) are known by: 16 hex digits; '' where they change nothing.

    Only rules that look at a manifest by itself count: two environments that differ for others alone have one name.
    """
    import hashlib

    import orjson

    given = {
        rule.id: special.get(rule.id, b"").decode()
        for rule in library.rules
        if not rule.over_set and special.get(rule.id) != general.get(rule.id)
    }
    if not given:
        return ""
    return hashlib.sha256(orjson.dumps(given, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _of_rule(rule_id: str, schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    for name in given:
        if name not in properties:
            raise ConfigurationError(
                f"{rule_id} has no parameter {name!r}",
                hint=_nearest(name, properties) or "it has none at all",
            )
    values = {name: entry["default"] for name, entry in properties.items() if "default" in entry}
    values.update(given)
    if given:
        _validate(rule_id, schema, values)
    return values


def _validate(rule_id: str, schema: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    import jsonschema
    import referencing

    # With a registry of its own nothing is fetched for a $ref.
    validator = jsonschema.Draft202012Validator(schema, registry=referencing.Registry())
    errors = sorted(validator.iter_errors(values), key=lambda e: list(e.path))
    if errors:
        where = ".".join(str(part) for part in errors[0].path)
        raise ConfigurationError(
            f"parameter {where or '(all)'} of {rule_id}: {errors[0].message}",
            hint=f"`auditor policy show {rule_id}` prints what it takes",
        )


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names[:8])}" if names else ""
