"""Which kinds make Pods, and where in them the pod specification stands.

Kubernetes' own are known to `policies/lib/workload.rego` by their names. For every other kind the rules are told
the place (`input.context.pod`): the kinds below, and those that a user configures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from auditor.errors import ConfigurationError

PodPlace = tuple[str, ...]
"""The keys that lead from a manifest to the PodSpec in it."""

KUBERNETES_WORKLOADS = (
    "Pod",
    "PodTemplate",
    "ReplicationController",
    "apps/DaemonSet",
    "apps/Deployment",
    "apps/ReplicaSet",
    "apps/StatefulSet",
    "batch/CronJob",
    "batch/Job",
)
"""Every kind of Kubernetes itself that holds a pod specification."""

_TEMPLATE = ("spec", "template", "spec")

KNOWN_WORKLOADS: Mapping[str, PodPlace] = MappingProxyType(
    {
        "actions.github.com/AutoscalingRunnerSet": _TEMPLATE,
        "apps.kruise.io/BroadcastJob": _TEMPLATE,
        "apps.kruise.io/CloneSet": _TEMPLATE,
        "apps.kruise.io/DaemonSet": _TEMPLATE,
        "apps.kruise.io/StatefulSet": _TEMPLATE,
        "apps.openshift.io/DeploymentConfig": _TEMPLATE,
        "argoproj.io/Rollout": _TEMPLATE,
        "keda.sh/ScaledJob": ("spec", "jobTargetRef", "template", "spec"),
        "serving.knative.dev/Configuration": _TEMPLATE,
        "serving.knative.dev/Service": _TEMPLATE,
    }
)
"""Well-known kinds of other projects with one pod specification, and where their API has it."""

_KIND = re.compile(r"^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/)?[A-Z][A-Za-z0-9]*$")
_PLACE = re.compile(r"^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*$")


def pod_places(configured: Mapping[str, str]) -> Mapping[str, PodPlace]:
    """Where the PodSpec stands, by "group/Kind", for all kinds that are not Kubernetes' own.

    `configured` (`policies.workloads`) adds to `KNOWN_WORKLOADS` and wins over it; its values are written
    "spec.template.spec". Raises ConfigurationError for what is no kind, no place, or a kind of Kubernetes.
    """
    places = dict(KNOWN_WORKLOADS)
    for kind, place in configured.items():
        if not _KIND.match(kind):
            raise ConfigurationError(
                f"policies.workloads: {kind!r} is no kind",
                hint="write the group (without the version) and the kind: argoproj.io/Rollout",
            )
        if kind in KUBERNETES_WORKLOADS:
            raise ConfigurationError(
                f"policies.workloads: where {kind} holds its pod specification is known", hint="leave it out"
            )
        if not _PLACE.match(place):
            raise ConfigurationError(
                f"policies.workloads: {kind}: {place!r} is no place of a pod specification",
                hint="the fields that lead to it, like spec.template.spec",
            )
        places[kind] = tuple(place.split("."))
    return MappingProxyType(places)
