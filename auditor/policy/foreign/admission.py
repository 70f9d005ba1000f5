"""ValidatingAdmissionPolicies and their bindings, each pair a rule, judged as if every manifest were created anew.

Which kind a resource name ("deployments") stands for is known for Kubernetes' own kinds and for those whose CRD is in the
folder. What only a cluster knows (who asks, what a namespace is labelled) makes the rule a named skip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from auditor.errors import PolicyError
from auditor.model import Severity
from auditor.policy.foreign.admissionscope import AdmissionScope, guessed_plural
from auditor.policy.foreign.expressions import ExpressionRule, Program
from auditor.policy.foreign.interface import (
    EVERY_KIND,
    ForeignRules,
    SourceFile,
    metadata_for,
)
from auditor.policy.foreign.match import meets, selector
from auditor.policy.kinds import kubernetes_kinds

CATEGORY = "admission"
GROUP = "admissionregistration.k8s.io"

_ASKER = re.compile(r"\brequest\s*\.\s*(userInfo|options|uid|subResource|requestKind)\b|\bnamespaceObject\b")
_SEVERITIES = {"Deny": Severity.MEDIUM, "Warn": Severity.LOW, "Audit": Severity.LOW}


def read_admission(files: Sequence[SourceFile], prefix: str) -> ForeignRules:
    """Every binding of a policy as a rule; see `ForeignReader`."""
    policies = _named(files, "ValidatingAdmissionPolicy")
    plurals = plurals_of(files)
    objects = [document for file in files for document in file.documents]
    rules: list[ExpressionRule] = []
    bound: set[str] = set()
    for (name, binding), path in _named(files, "ValidatingAdmissionPolicyBinding").values():
        spec = _mapping(binding.get("spec"))
        policy = str(spec.get("policyName") or "")
        bound.add(policy)
        known = policies.get(policy)
        rules.append(_rule(name, spec, policy, known, path, plurals, objects))
    remarks = [
        f"{path}: no binding of the policy {name} in the folder, so it judges nothing"
        for name, (_, path) in policies.items()
        if name not in bound
    ]
    return ForeignRules(expressions=tuple(rules), remarks=tuple(remarks))


def plurals_of(files: Sequence[SourceFile]) -> dict[str, str]:
    """The resource names of the kinds whose CustomResourceDefinitions are among the files."""
    found: dict[str, str] = {}
    for file in files:
        for document in file.documents:
            if document.get("kind") == "CustomResourceDefinition":
                spec = _mapping(document.get("spec"))
                names = _mapping(spec.get("names"))
                found[f"{spec.get('group')}/{names.get('kind')}"] = str(names.get("plural") or "")
    return found


_Named = dict[str, tuple[tuple[str, Mapping[str, Any]], Path]]


def _named(files: Sequence[SourceFile], kind: str) -> _Named:
    found: _Named = {}
    for file in files:
        for document in file.documents:
            group = str(document.get("apiVersion") or "").rpartition("/")[0]
            if document.get("kind") == kind and group == GROUP:
                name = str(_mapping(document.get("metadata")).get("name") or file.path.stem)
                if name in found:
                    raise PolicyError(
                        f"{file.path}: there is another {kind} {name}", hint=f"see {found[name][1]}"
                    )
                found[name] = ((name, document), file.path)
    return found


def _rule(
    name: str,
    binding: Mapping[str, Any],
    policy_name: str,
    known: tuple[tuple[str, Mapping[str, Any]], Path] | None,
    path: Path,
    plurals: Mapping[str, str],
    objects: Sequence[Mapping[str, Any]],
) -> ExpressionRule:
    actions = binding.get("validationActions") or ["Deny"]
    severity = next((level for action, level in _SEVERITIES.items() if action in actions), Severity.MEDIUM)
    annotations: Mapping[str, Any] = {}
    if known is not None:
        annotations = _mapping(_mapping(known[0][1].get("metadata")).get("annotations"))
    rule = ExpressionRule(
        category=CATEGORY,
        path=path,
        metadata=metadata_for(
            f"admission/{policy_name}/{name}",
            title=f"Admission policy {policy_name}",
            description=str(annotations.get("description") or f"Bound by {name}."),
            severity=severity,
            kinds=EVERY_KIND,
            path=known[1] if known else path,
        ),
        program=None,
        scope=AdmissionScope(constraints=()),
        advisory="Deny" not in actions,
        warns="Deny" not in actions and "Warn" in actions,
    )
    if known is None:
        return replace(rule, reason=f"no ValidatingAdmissionPolicy {policy_name} in the folder")
    spec = _mapping(known[0][1].get("spec"))
    match = _mapping(spec.get("matchConstraints"))
    scope = AdmissionScope(
        constraints=(match, _mapping(binding.get("matchResources"))), plurals=dict(plurals)
    )
    rule = replace(
        rule, scope=scope, metadata=replace(rule.metadata, kinds=_kinds(match.get("resourceRules"), plurals))
    )
    try:
        program = Program.of(spec, str(known[1]))
        params = _params(spec, binding, objects)
    except PolicyError as error:
        return replace(rule, reason=error.message)
    for text in program.texts():
        asked = _ASKER.search(text)
        if asked:
            return replace(rule, reason=f"the policy asks for {asked[0]}, which only a cluster knows")
    return replace(rule, program=program, params=params)


def _kinds(rules: Any, plurals: Mapping[str, str]) -> tuple[str, ...]:
    """The kinds that the rules' resources stand for; every kind where they name some by wildcard or unknown ones."""
    by_name: dict[tuple[str, str], str] = {}
    for name in kubernetes_kinds():
        by_name[name.rpartition("/")[0], guessed_plural(name.rpartition("/")[2])] = name
    by_name |= {(name.rpartition("/")[0], plural): name for name, plural in plurals.items()}
    found: set[str] = set()
    for rule in rules or ():
        for group in rule.get("apiGroups") or ["*"]:
            for resource in rule.get("resources") or ["*"]:
                kind = by_name.get((group, resource))
                if kind is None and "/" not in resource:
                    return EVERY_KIND
                if kind is not None:
                    found.add(kind)
    return tuple(sorted(found)) or EVERY_KIND


def _params(
    spec: Mapping[str, Any], binding: Mapping[str, Any], objects: Sequence[Mapping[str, Any]]
) -> tuple[Any, ...]:
    """The objects that the policy is held against. PolicyError where they are not in the folder."""
    kind, reference = _mapping(spec.get("paramKind")), _mapping(binding.get("paramRef"))
    if not kind:
        return (None,)
    if not reference:
        # A policy with a paramKind and no paramRef is asked with params null.
        return (None,)
    wanted = selector(reference.get("selector"), "paramRef.selector")
    found = [
        one
        for one in objects
        if one.get("apiVersion") == kind.get("apiVersion")
        and one.get("kind") == kind.get("kind")
        and _is_referred(_mapping(one.get("metadata")), reference, wanted)
    ]
    if not found:
        raise PolicyError(
            f"no {kind.get('kind')} in the folder is what the binding's paramRef asks for",
            hint="put the parameter object beside the policy",
        )
    return tuple(found)


def _is_referred(
    metadata: Mapping[str, Any], reference: Mapping[str, Any], wanted: list[dict[str, Any]] | None
) -> bool:
    name, namespace = reference.get("name"), reference.get("namespace")
    if name and metadata.get("name") != name:
        return False
    if namespace and metadata.get("namespace", namespace) != namespace:
        return False
    return bool(name) or (wanted is not None and meets(wanted, metadata.get("labels") or {}))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
