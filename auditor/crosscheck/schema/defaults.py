"""What the API server fills in where a manifest says nothing.

Source: the defaulting functions of Kubernetes 1.37, `pkg/apis/<group>/<version>/defaults.go`, and the defaults
in its OpenAPI document. A value that equals its default is nobody's addition; any other value is somebody's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from auditor.crosscheck.schema import MISSING, FieldType

_ROLLING = ({"maxUnavailable": "25%", "maxSurge": "25%"},)
_FILE_MODE = (420,)

_FIELDS: dict[tuple[str, str], tuple[Any, ...]] = {
    ("core.v1.PodSpec", "dnsPolicy"): ("ClusterFirst",),
    ("core.v1.PodSpec", "restartPolicy"): ("Always",),
    ("core.v1.PodSpec", "schedulerName"): ("default-scheduler",),
    ("core.v1.PodSpec", "terminationGracePeriodSeconds"): (30,),
    ("core.v1.PodSpec", "enableServiceLinks"): (True,),
    ("core.v1.PodSpec", "preemptionPolicy"): ("PreemptLowerPriority",),
    ("core.v1.PodSpec", "priority"): (0,),
    ("core.v1.Container", "terminationMessagePath"): ("/dev/termination-log",),
    ("core.v1.Container", "terminationMessagePolicy"): ("File",),
    ("core.v1.ContainerPort", "protocol"): ("TCP",),
    ("core.v1.Probe", "timeoutSeconds"): (1,),
    ("core.v1.Probe", "periodSeconds"): (10,),
    ("core.v1.Probe", "successThreshold"): (1,),
    ("core.v1.Probe", "failureThreshold"): (3,),
    ("core.v1.HTTPGetAction", "scheme"): ("HTTP",),
    ("core.v1.HTTPGetAction", "path"): ("/",),
    ("core.v1.HTTPGetAction", "protocol"): ("HTTP1",),
    ("core.v1.GRPCAction", "service"): ("",),
    ("core.v1.ObjectFieldSelector", "apiVersion"): ("v1",),
    ("core.v1.ResourceFieldSelector", "divisor"): ("0", 0),
    ("core.v1.SecretVolumeSource", "defaultMode"): _FILE_MODE,
    ("core.v1.ConfigMapVolumeSource", "defaultMode"): _FILE_MODE,
    ("core.v1.DownwardAPIVolumeSource", "defaultMode"): _FILE_MODE,
    ("core.v1.ProjectedVolumeSource", "defaultMode"): _FILE_MODE,
    ("core.v1.ServiceAccountTokenProjection", "expirationSeconds"): (3600,),
    ("core.v1.HostPathVolumeSource", "type"): ("",),
    ("core.v1.ISCSIVolumeSource", "iscsiInterface"): ("default",),
    ("core.v1.RBDVolumeSource", "pool"): ("rbd",),
    ("core.v1.RBDVolumeSource", "user"): ("admin",),
    ("core.v1.RBDVolumeSource", "keyring"): ("/etc/ceph/keyring",),
    ("core.v1.Toleration", "operator"): ("Equal",),
    ("core.v1.TopologySpreadConstraint", "nodeAffinityPolicy"): ("Honor",),
    ("core.v1.TopologySpreadConstraint", "nodeTaintsPolicy"): ("Ignore",),
    ("core.v1.VolumeMount", "recursiveReadOnly"): ("Disabled",),
    ("core.v1.Secret", "type"): ("Opaque",),
    ("core.v1.ServiceSpec", "type"): ("ClusterIP",),
    ("core.v1.ServiceSpec", "sessionAffinity"): ("None",),
    ("core.v1.ServiceSpec", "internalTrafficPolicy"): ("Cluster",),
    ("core.v1.ServiceSpec", "externalTrafficPolicy"): ("Cluster",),
    ("core.v1.ServiceSpec", "allocateLoadBalancerNodePorts"): (True,),
    ("core.v1.ServiceSpec", "ipFamilyPolicy"): ("SingleStack",),
    ("core.v1.ClientIPConfig", "timeoutSeconds"): (10800,),
    ("core.v1.ServicePort", "protocol"): ("TCP",),
    ("core.v1.PersistentVolumeSpec", "persistentVolumeReclaimPolicy"): ("Retain",),
    ("core.v1.PersistentVolumeSpec", "volumeMode"): ("Filesystem",),
    ("core.v1.PersistentVolumeClaimSpec", "volumeMode"): ("Filesystem",),
    ("core.v1.PersistentVolumeClaim", "apiVersion"): ("v1",),
    ("core.v1.PersistentVolumeClaim", "kind"): ("PersistentVolumeClaim",),
    ("core.v1.NamespaceSpec", "finalizers"): (["kubernetes"],),
    ("apps.v1.DeploymentSpec", "replicas"): (1,),
    ("apps.v1.DeploymentSpec", "revisionHistoryLimit"): (10,),
    ("apps.v1.DeploymentSpec", "progressDeadlineSeconds"): (600,),
    ("apps.v1.DeploymentStrategy", "type"): ("RollingUpdate",),
    ("apps.v1.DeploymentStrategy", "rollingUpdate"): _ROLLING,
    ("apps.v1.RollingUpdateDeployment", "maxUnavailable"): ("25%",),
    ("apps.v1.RollingUpdateDeployment", "maxSurge"): ("25%",),
    ("apps.v1.ReplicaSetSpec", "replicas"): (1,),
    ("apps.v1.StatefulSetSpec", "replicas"): (1,),
    ("apps.v1.StatefulSetSpec", "revisionHistoryLimit"): (10,),
    ("apps.v1.StatefulSetSpec", "podManagementPolicy"): ("OrderedReady",),
    ("apps.v1.StatefulSetUpdateStrategy", "type"): ("RollingUpdate",),
    ("apps.v1.RollingUpdateStatefulSetStrategy", "partition"): (0,),
    ("apps.v1.RollingUpdateStatefulSetStrategy", "maxUnavailable"): (1,),
    ("apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted"): ("Retain",),
    ("apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled"): ("Retain",),
    ("apps.v1.DaemonSetSpec", "revisionHistoryLimit"): (10,),
    ("apps.v1.DaemonSetUpdateStrategy", "type"): ("RollingUpdate",),
    ("apps.v1.RollingUpdateDaemonSet", "maxUnavailable"): (1,),
    ("apps.v1.RollingUpdateDaemonSet", "maxSurge"): (0,),
    ("batch.v1.JobSpec", "completions"): (1,),
    ("batch.v1.JobSpec", "parallelism"): (1,),
    ("batch.v1.JobSpec", "backoffLimit"): (6,),
    ("batch.v1.JobSpec", "completionMode"): ("NonIndexed",),
    ("batch.v1.JobSpec", "suspend"): (False,),
    ("batch.v1.JobSpec", "manualSelector"): (False,),
    ("batch.v1.JobSpec", "podReplacementPolicy"): ("TerminatingOrFailed",),
    ("batch.v1.CronJobSpec", "concurrencyPolicy"): ("Allow",),
    ("batch.v1.CronJobSpec", "suspend"): (False,),
    ("batch.v1.CronJobSpec", "successfulJobsHistoryLimit"): (3,),
    ("batch.v1.CronJobSpec", "failedJobsHistoryLimit"): (1,),
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", "minReplicas"): (1,),
    ("autoscaling.v1.HorizontalPodAutoscalerSpec", "minReplicas"): (1,),
    ("autoscaling.v2.HPAScalingRules", "selectPolicy"): ("Max",),
    ("autoscaling.v2.HPAScalingRules", "stabilizationWindowSeconds"): (0, 300),
    ("autoscaling.v2.HPAScalingRules", "policies"): (
        [
            {"type": "Pods", "value": 4, "periodSeconds": 15},
            {"type": "Percent", "value": 100, "periodSeconds": 15},
        ],
        [{"type": "Percent", "value": 100, "periodSeconds": 15}],
    ),
    ("networking.v1.NetworkPolicyPort", "protocol"): ("TCP",),
    ("networking.v1.IngressClassParametersReference", "scope"): ("Cluster",),
    ("rbac.v1.RoleRef", "apiGroup"): ("rbac.authorization.k8s.io",),
    ("storage.v1.StorageClass", "reclaimPolicy"): ("Delete",),
    ("storage.v1.StorageClass", "volumeBindingMode"): ("Immediate",),
    ("storage.v1.CSIDriverSpec", "attachRequired"): (True,),
    ("storage.v1.CSIDriverSpec", "podInfoOnMount"): (False,),
    ("storage.v1.CSIDriverSpec", "storageCapacity"): (False,),
    ("storage.v1.CSIDriverSpec", "requiresRepublish"): (False,),
    ("storage.v1.CSIDriverSpec", "seLinuxMount"): (False,),
    ("storage.v1.CSIDriverSpec", "fsGroupPolicy"): ("ReadWriteOnceWithFSType",),
    ("storage.v1.CSIDriverSpec", "volumeLifecycleModes"): (["Persistent"],),
    ("scheduling.v1.PriorityClass", "preemptionPolicy"): ("PreemptLowerPriority",),
    ("admissionregistration.v1.ServiceReference", "port"): (443,),
    ("apiextensions.v1.ServiceReference", "port"): (443,),
    ("apiextensions.v1.CustomResourceConversion", "strategy"): ("None",),
}
_WEBHOOK: Mapping[str, Any] = {
    "failurePolicy": "Fail",
    "matchPolicy": "Equivalent",
    "timeoutSeconds": 10,
    "reinvocationPolicy": "Never",
}
DEFAULTS: Mapping[tuple[str, str], tuple[Any, ...]] = {
    **_FIELDS,
    **{
        (f"admissionregistration.v1.{kind}Webhook", name): (value,)
        for kind in ("Validating", "Mutating")
        for name, value in _WEBHOOK.items()
    },
    ("admissionregistration.v1.RuleWithOperations", "scope"): ("*",),
}
"""(struct, field) to the values that the API server may have filled in."""

_ALLOCATED = frozenset(
    {
        ("core.v1.ServiceSpec", "clusterIP"),
        ("core.v1.ServiceSpec", "clusterIPs"),
        ("core.v1.ServiceSpec", "ipFamilies"),
        ("core.v1.ServiceSpec", "healthCheckNodePort"),
        ("core.v1.ServicePort", "nodePort"),
        ("core.v1.PersistentVolumeClaimSpec", "volumeName"),
        ("core.v1.PersistentVolumeClaimSpec", "storageClassName"),
        ("core.v1.PersistentVolumeClaim", "status"),
        ("core.v1.PersistentVolumeSpec", "claimRef"),
        ("batch.v1.JobSpec", "selector"),
    }
)
"""Fields that the API server or the binding controller chooses a value for where the manifest names none."""


def _pull_policy(siblings: Mapping[str, Any]) -> Any:
    image = str(siblings.get("image", ""))
    last = image.partition("@")[0].rpartition("/")[2]
    tag = last.partition(":")[2]
    if "@" in image and not tag:
        return "IfNotPresent"
    return "Always" if tag in {"", "latest"} else "IfNotPresent"


_COMPUTED: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Any]] = {
    ("core.v1.Container", "imagePullPolicy"): _pull_policy,
    ("core.v1.ServicePort", "targetPort"): lambda port: port.get("port", MISSING),
    ("core.v1.PodSpec", "serviceAccount"): lambda pod: pod.get("serviceAccountName", MISSING),
    ("core.v1.PodSpec", "serviceAccountName"): lambda pod: pod.get("serviceAccount", MISSING),
    ("core.v1.ContainerPort", "hostPort"): lambda port: port.get("containerPort", MISSING),
    ("networking.v1.NetworkPolicySpec", "policyTypes"): lambda spec: (
        ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    ),
}


def default_value(
    parent: FieldType, field: str, value: Any, siblings: Mapping[str, Any], *, allocated: bool = False
) -> bool:
    """True where the API server would have put `value` there by itself.

    `siblings` are the other fields of the same struct, for defaults that follow from them. `allocated` also
    takes any value of a field that the server chooses freely (a Service's clusterIP).
    """
    key = (parent.name, field)
    if allocated and key in _ALLOCATED:
        return True
    if any(_same(value, default) for default in DEFAULTS.get(key, ())):
        return True
    computed = _COMPUTED.get(key)
    if computed is not None and _same(value, computed(siblings)):
        return True
    known = parent.child(field)
    return known.default is not MISSING and _same(value, known.default)


def _same(value: Any, default: Any) -> bool:
    return isinstance(value, bool) == isinstance(default, bool) and bool(value == default)
