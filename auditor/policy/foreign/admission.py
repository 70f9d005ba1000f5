"""ValidatingAdmissionPolicies and their bindings, each pair a rule, judged as if every manifest were created anew.

Which kind a resource name ("deployments") stands for is known for Kubernetes' own kinds and for those whose CRD is in the
folder. What only a cluster knows (who asks, what a namespace is labelled) makes the rule a named skip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from auditor.errors import PolicyError
from auditor.model import Severity
from auditor.policy.foreign.expressions import ExpressionRule, Program
from auditor.policy.foreign.interface import (
    EVERY_KIND,
    ForeignRules,
    SourceFile,
    metadata_for,
)
from auditor.policy.foreign.match import meets, selector
from auditor.policy.kinds import kubernetes_kinds
from auditor.policy.router import kind_of

CATEGORY = "admission"
GROUP = "admissionregistration.k8s.io"
NAME_LABEL = "kubernetes.io/metadata.name"

_ASKER = re.compile(r"\brequest\s*\.\s*(userInfo|options|uid|subResource|requestKind)\b|\bnamespaceObject\b")
_SEVERITIES = {"Deny": Severity.MEDIUM, "Warn": Severity.LOW, "Audit": Severity.LOW}
_CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "StorageVersion",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)
"""Kubernetes' own kinds that are in no namespace."""


@dataclass(frozen=True, kw_only=True)
class AdmissionScope:
    """`matchConstraints` of a policy and `matchResources` of its binding: both have to match.

    `plurals` are the resource names of custom kinds ("group/Kind").
    """

    constraints: tuple[Mapping[str, Any], ...]
    plurals: Mapping[str, str] = field(default_factory=dict)

    def applies(self, manifest: Mapping[str, Any]) -> bool:
        """True where the policy is asked when the object is created. PolicyError where that cannot be said."""
        return all(self._matches(one, manifest) for one in self.constraints)

    def _matches(self, match: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
        metadata = manifest.get("metadata") or {}
        rules = match.get("resourceRules")
        exact = match.get("matchPolicy") == "Exact"
        if rules is not None and not any(self._in_rule(one, manifest, exact=exact) for one in rules):
            return False
        if any(self._in_rule(one, manifest, exact=exact) for one in match.get("excludeResourceRules") or ()):
            return False
        objects = selector(match.get("objectSelector"), "objectSelector")
        if not meets(objects, metadata.get("labels") or {}):
            return False
        return _in_namespace(selector(match.get("namespaceSelector"), "namespaceSelector") or [], manifest)

    def _in_rule(self, rule: Mapping[str, Any], manifest: Mapping[str, Any], *, exact: bool) -> bool:
        group, _, version = str(manifest.get("apiVersion") or "").rpartition("/")
        operations = rule.get("operations") or ["*"]
        names = rule.get("resourceNames") or []
        if not _holds(rule.get("apiGroups"), group) or (
            exact and not _holds(rule.get("apiVersions"), version)
        ):
            return False
        if "*" not in operations and "CREATE" not in operations and "UPDATE" not in operations:
            return False
        if names and str((manifest.get("metadata") or {}).get("name") or "") not in names:
            return False
        scope = rule.get("scope") or "*"
        if scope != "*" and (scope == "Cluster") is not is_cluster_scoped(manifest):
            return False
        resources = rule.get("resources") or []
        if "*" in resources or "*/*" in resources:
            return True
        return self._plural(group, str(manifest.get("kind"))) in resources

    def _plural(self, group: str, kind: str) -> str:
        name = f"{group}/{kind}" if group else kind
        if name in self.plurals:
            return self.plurals[name]
        if name in kubernetes_kinds():
            return guessed_plural(kind)
        raise PolicyError(
            f"the resource name of {name} is not known: its CustomResourceDefinition is not in the folder"
        )


def guessed_plural(kind: str) -> str:
    """The resource name of one of Kubernetes' own kinds, by the rule that Kubernetes itself names them with.

    k8s.io/apimachinery/pkg/api/meta: UnsafeGuessKindToResource.
    """
    name = kind.lower()
    if name.endswith("endpoints"):
        return name
    if name.endswith("s"):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def is_cluster_scoped(manifest: Mapping[str, Any]) -> bool:
    """True for an object in no namespace, as far as its kind or its manifest says so."""
    if kind_of(str(manifest.get("apiVersion") or ""), str(manifest.get("kind"))) in kubernetes_kinds():
        return manifest.get("kind") in _CLUSTER_SCOPED
    return not (manifest.get("metadata") or {}).get("namespace")


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
        advisory=actions == ["Audit"],
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


def _in_namespace(requirements: list[dict[str, Any]], manifest: Mapping[str, Any]) -> bool:
    metadata = manifest.get("metadata") or {}
    if not requirements:
        return True
    if manifest.get("kind") == "Namespace":
        labels = {**(metadata.get("labels") or {}), NAME_LABEL: metadata.get("name")}
        return meets(requirements, labels)
    if is_cluster_scoped(manifest):
        return True
    namespace = metadata.get("namespace")
    if namespace and all(one["key"] == NAME_LABEL for one in requirements):
        return meets(requirements, {NAME_LABEL: namespace})
    raise PolicyError("the policy selects by the labels of a namespace, which a manifest does not show")


def _holds(names: Any, name: str) -> bool:
    return not names or "*" in names or name in names


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
