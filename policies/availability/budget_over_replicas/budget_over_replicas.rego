# METADATA
# title: "A PodDisruptionBudget asks for every replica"
# description: >-
#   `minAvailable` is as much as there are replicas (of the workloads that it selects, as few as
#   the autoscaler may keep; a percentage is rounded up), so that no pod may be evicted and nodes
#   cannot be drained. One replica with `minAvailable: 1`, or any percentage, is the usual case.
#   Workloads scaled to zero are not judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   id: AUD-AVAIL-0006
#   severity: medium
#   scope: environment
#   about:
#     - policy/PodDisruptionBudget
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/ReplicaSet
#     - ReplicationController
#     - Pod
#     - apps/DaemonSet
#     - batch/Job
#     - batch/CronJob
#     - policy/PodDisruptionBudget
#     - autoscaling/HorizontalPodAutoscaler
#     - keda.sh/ScaledObject
#   remediation: >-
#     Use `maxUnavailable: 1`, or more replicas.
#   reads:
#     - metadata.labels
#     - spec.minAvailable
#     - spec.minReplicaCount
#     - spec.minReplicas
#     - spec.replicas
#     - spec.scaleTargetRef
#     - spec.selector
#     - workload.pod_metadata.labels
#   since: 0.1.0
package auditor.availability.budget_over_replicas

import data.auditor.lib.scaling
import data.auditor.lib.selector
import data.auditor.lib.set

findings contains {
	"message": sprintf("minAvailable %v of %d replicas leaves none to evict", [budget.spec.minAvailable, replicas]),
	"pointer": "spec.minAvailable",
	"details": {"replicas": replicas, "selected": sort([workload.name | some workload in selected])},
	"resource": budget.index,
} if {
	some namespace, budgets in scaling.budgets
	some budget in budgets
	selected := [workload | some workload in set.in_namespace[namespace]; selector.matches(budget.selector, workload.labels)]
	count({workload.kind | some workload in selected} & not_counted) == 0
	scalers := object.get(scaling.autoscalers_in, namespace, [])
	replicas := sum([scaling.replicas(workload, scalers) | some workload in selected])
	replicas > 0
	needed(budget.spec.minAvailable, replicas) >= replicas
}

not_counted := {"Pod", "DaemonSet", "Job", "CronJob"}

needed(value, _) := value if is_number(value)

# 100 % blocks whatever there is: AUD-AVAIL-0005.
needed(value, replicas) := ceil((to_number(trim_suffix(value, "%")) * replicas) / 100) if {
	is_string(value)
	regex.match(`^[0-9]+%$`, value)
	value != "100%"
}
