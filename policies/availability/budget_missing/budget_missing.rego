# METADATA
# title: "A workload with several replicas has no PodDisruptionBudget"
# description: >-
#   A node drain may evict all replicas at once; nothing tells the cluster that some must stay.
#   Replicas are those that the autoscaler keeps at least, else those that are written.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   id: AUD-AVAIL-0003
#   severity: low
#   scope: environment
#   about:
#     - apps/Deployment
#     - apps/StatefulSet
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - policy/PodDisruptionBudget
#     - autoscaling/HorizontalPodAutoscaler
#     - keda.sh/ScaledObject
#   remediation: >-
#     Declare a PodDisruptionBudget with `maxUnavailable: 1`.
#   reads:
#     - spec.minReplicaCount
#     - spec.minReplicas
#     - spec.replicas
#     - spec.scaleTargetRef
#     - spec.selector
#     - workload.pod_metadata.labels
#   since: 0.1.0
package auditor.availability.budget_missing

import data.auditor.lib.scaling
import data.auditor.lib.set

findings contains {
	"message": sprintf("%s %s has %d replicas and no PodDisruptionBudget", [workload.kind, workload.name, replicas]),
	"pointer": "",
	"details": {"replicas": replicas},
	"resource": workload.index,
} if {
	some workload in set.workloads
	replicas := scaling.replicas(workload, object.get(scaling.autoscalers_in, workload.namespace, []))
	replicas >= 2
	count(scaling.budgets_of(workload, object.get(scaling.budgets, workload.namespace, []))) == 0
}
