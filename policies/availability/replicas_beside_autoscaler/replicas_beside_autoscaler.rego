# METADATA
# title: "A workload states replicas and is scaled automatically"
# description: >-
#   Each time the manifest is applied the replicas jump back to the number in git, in the middle
#   of the load that the autoscaler answered; and the drift never ends.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling
# custom:
#   id: AUD-AVAIL-0009
#   severity: medium
#   scope: environment
#   about:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/ReplicaSet
#     - ReplicationController
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/ReplicaSet
#     - ReplicationController
#     - autoscaling/HorizontalPodAutoscaler
#     - keda.sh/ScaledObject
#   remediation: >-
#     Remove `spec.replicas` (once: `kubectl edit` or server-side apply leaves the live number).
#   reads:
#     - spec.replicas
#     - spec.scaleTargetRef
#   since: 0.1.0
package auditor.availability.replicas_beside_autoscaler

import data.auditor.lib.scaling
import data.auditor.lib.set

findings contains {
	"message": sprintf("%d replicas are stated, and %s %s scales the workload", [workload.replicas, scaler.kind, scaler.name]),
	"pointer": "spec.replicas",
	"details": {"autoscaler": scaler.name},
	"resource": workload.index,
} if {
	some workload in set.workloads
	is_number(workload.replicas)
	declared := scaling.autoscalers_in[workload.namespace]
	some scaler in scaling.of_workload(workload, declared)
}
