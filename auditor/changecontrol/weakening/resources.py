"""Kubernetes resources that are controls: RBAC, admission, network policies, verification of sources.

Manifests are compared as values: order of rules, comments and formatting are no changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

Manifest = Mapping[str, Any]

CONTROL_KINDS = (
    "rbac.authorization.k8s.io/Role",
    "rbac.authorization.k8s.io/ClusterRole",
    "rbac.authorization.k8s.io/RoleBinding",
    "rbac.authorization.k8s.io/ClusterRoleBinding",
    "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
    "kyverno.io/ClusterPolicy",
    "kyverno.io/Policy",
    "kyverno.io/PolicyException",
    "networking.k8s.io/NetworkPolicy",
)
"""`group/kind` of what is compared whatever of it changed; Gatekeeper's constraints are by their group."""

MEANING = r"^(?:rules|roleRef|subjects|aggregationRule|webhooks|spec|data|stringData|binaryData|type|immutable)(?:$|[.\[])"
"""Fields in which a control, or a secret, says what it does; labels and annotations only describe it."""

NARROW_KINDS = (
    "source.toolkit.fluxcd.io/GitRepository",
    "source.toolkit.fluxcd.io/OCIRepository",
    "source.toolkit.fluxcd.io/HelmChart",
    "helm.toolkit.fluxcd.io/HelmRelease",
    "/Namespace",
)
"""`group/kind` of what is a control by a few of its fields, and changes often by others."""

NARROW_FIELDS = r"^spec\.verify\b|^spec\.chart\.spec\.verify\b|pod-security\.kubernetes\.io/"
"""Those fields."""

CONSTRAINT_GROUP = "constraints.gatekeeper.sh"

_LEVELS = ("privileged", "baseline", "restricted")
_MOST_RULES = 1000


def is_compared(group: str, kind: str) -> bool:
    """True for resources that are controls."""
    return group == CONSTRAINT_GROUP or f"{group}/{kind}" in _COMPARE


def loosened(group: str, kind: str, old: Manifest | None, new: Manifest | None) -> list[str]:
    """What the control gave up, in words; None is a version that does not exist."""
    if group == CONSTRAINT_GROUP:
        return list(_enforcement(old, new))
    compare = _COMPARE.get(f"{group}/{kind}")
    return list(compare(old, new)) if compare is not None else []


def _roles(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if old is None or new is None:
        return  # a role that comes or goes is a change of privileges, not of a control that was there
    before, after = _permissions(old), _permissions(new)
    if max(len(before), len(after)) > _MOST_RULES:
        yield "it has more rules than are compared"
        return
    gained = sorted(one for one in after if not any(_covers(had, one) for had in before))
    if gained:
        shown = ", ".join(" ".join(part for part in reversed(one[:3]) if part) for one in gained[:3])
        more = f" and {len(gained) - 3} more" if len(gained) > 3 else ""
        yield f"it allows more: {shown}{more}"


def _permissions(role: Manifest) -> set[tuple[str, str, str, str]]:
    """(group, resource or URL, verb, name) of everything that is allowed."""
    found: set[tuple[str, str, str, str]] = set()
    for rule in _mappings(role.get("rules")):
        verbs = _texts(rule.get("verbs"))
        names = _texts(rule.get("resourceNames")) or [""]
        for triple in product(
            _texts(rule.get("apiGroups")) or [""], _texts(rule.get("resources")), verbs, names
        ):
            found.add(triple)
            if len(found) > _MOST_RULES:
                return found
        found.update(("", url, verb, "") for url, verb in product(_texts(rule.get("nonResourceURLs")), verbs))
    return found


def _covers(had: tuple[str, str, str, str], one: tuple[str, str, str, str]) -> bool:
    return all(mine in (wanted, "*") for mine, wanted in zip(had[:3], one[:3], strict=True)) and had[3] in (
        "",
        one[3],
    )


def _bindings(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if old is None or new is None:
        return
    gained = _subjects(new) - _subjects(old)
    if gained:
        yield f"it also holds for {', '.join(sorted(gained))}"


def _subjects(binding: Manifest) -> set[str]:
    return {
        f"{one.get('kind')} {_namespace_of(one)}{one.get('name')}"
        for one in _mappings(binding.get("subjects"))
    }


def _namespace_of(subject: Manifest) -> str:
    return f"{subject['namespace']}/" if subject.get("namespace") else ""


def _webhooks(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if old is None:
        return
    after = {str(hook.get("name")): hook for hook in _mappings((new or {}).get("webhooks"))}
    for hook in _mappings(old.get("webhooks")):
        name = str(hook.get("name"))
        now = after.get(name)
        if now is None:
            yield f"the webhook {name} is gone"
        elif hook.get("failurePolicy", "Fail") == "Fail" and now.get("failurePolicy") == "Ignore":
            yield f"the webhook {name} lets pass what it cannot judge"


def _admission_policy(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if old is None:
        return
    if new is None:
        yield "the policy is gone"
        return
    before, after = _spec(old), _spec(new)
    fewer = len(_mappings(before.get("validations"))) - len(_mappings(after.get("validations")))
    if fewer > 0:
        yield f"{fewer} of its validations are gone"
    if before.get("failurePolicy", "Fail") == "Fail" and after.get("failurePolicy") == "Ignore":
        yield "it lets pass what it cannot judge"


def _admission_binding(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if old is None:
        return
    if new is None:
        yield "the policy's binding is gone"
    elif "Deny" in _texts(_spec(old).get("validationActions")) and "Deny" not in _texts(
        _spec(new).get("validationActions")
    ):
        yield "it does not deny any more"


def _kyverno(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if old is None:
        return
    before, after = _spec(old), _spec(new or {})
    rules = _mappings(before.get("rules"))
    made = {str(rule.get("name")) for rule in rules if "generate" in rule}
    if rules and len(made) == len(rules):
        return  # what only makes further objects denies nothing
    if new is None:
        yield "the policy is gone"
        return
    if (
        str(before.get("validationFailureAction")).lower()
        == "enforce"
        != str(after.get("validationFailureAction")).lower()
    ):
        yield "it does not deny any more"
    gone = {str(rule.get("name")) for rule in rules} - made
    gone -= {str(rule.get("name")) for rule in _mappings(after.get("rules"))}
    if gone:
        yield f"its rules {', '.join(sorted(gone))} are gone"
    excluding = {str(rule.get("name")) for rule in _mappings(after.get("rules")) if rule.get("exclude")}
    excluding -= {str(rule.get("name")) for rule in _mappings(before.get("rules")) if rule.get("exclude")}
    excluding &= {str(rule.get("name")) for rule in _mappings(before.get("rules"))}
    if excluding:
        yield f"its rules {', '.join(sorted(excluding))} leave something out"


def _exception(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if new is not None and (old is None or _spec(old) != _spec(new)):
        yield "it lets pass what a policy denies"


def _network_policy(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if old is None:
        return
    if new is None:
        yield "the network policy is gone"
        return
    gone = set(_texts(_spec(old).get("policyTypes"))) - set(_texts(_spec(new).get("policyTypes")))
    if gone:
        yield f"it does not hold for {' and '.join(sorted(gone))} any more"
    for way in ("ingress", "egress"):
        if {} in _list(_spec(new).get(way)) and {} not in _list(_spec(old).get(way)):
            yield f"it lets all {way} pass"


def _verified(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if old is not None and new is not None and _spec(old).get("verify") and not _spec(new).get("verify"):
        yield "signatures of its source are not verified any more"


def _release(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    charts = [_spec(_mapping(_spec(version or {}).get("chart"))).get("verify") for version in (old, new)]
    if new is not None and charts[0] and not charts[1]:
        yield "signatures of its chart are not verified any more"


def _namespace(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if old is None or new is None:
        return
    before, after = (
        _mapping(_mapping(version.get("metadata")).get("labels")).get("pod-security.kubernetes.io/enforce")
        for version in (old, new)
    )
    if before in _LEVELS and _rank(after) < _rank(before):
        yield f"pods are held to {after or 'no level'} instead of {before}"


def _rank(level: Any) -> int:
    return _LEVELS.index(level) if level in _LEVELS else -1


def _enforcement(old: Manifest | None, new: Manifest | None) -> Iterator[str]:
    if old is None:
        return
    if new is None:
        yield "the constraint is gone"
    elif _spec(old).get("enforcementAction", "deny") == "deny" != _spec(new).get("enforcementAction", "deny"):
        yield "it does not deny any more"


_COMPARE: dict[str, Callable[[Manifest | None, Manifest | None], Iterator[str]]] = {
    "rbac.authorization.k8s.io/Role": _roles,
    "rbac.authorization.k8s.io/ClusterRole": _roles,
    "rbac.authorization.k8s.io/RoleBinding": _bindings,
    "rbac.authorization.k8s.io/ClusterRoleBinding": _bindings,
    "admissionregistration.k8s.io/ValidatingWebhookConfiguration": _webhooks,
    "admissionregistration.k8s.io/ValidatingAdmissionPolicy": _admission_policy,
    "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": _admission_binding,
    "kyverno.io/ClusterPolicy": _kyverno,
    "kyverno.io/Policy": _kyverno,
    "kyverno.io/PolicyException": _exception,
    "networking.k8s.io/NetworkPolicy": _network_policy,
    "source.toolkit.fluxcd.io/GitRepository": _verified,
    "source.toolkit.fluxcd.io/OCIRepository": _verified,
    "source.toolkit.fluxcd.io/HelmChart": _verified,
    "helm.toolkit.fluxcd.io/HelmRelease": _release,
    "/Namespace": _namespace,
}


def _spec(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(manifest.get("spec"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in _list(value) if isinstance(one, Mapping)]


def _texts(value: Any) -> list[str]:
    return [one for one in _list(value) if isinstance(one, str)]
