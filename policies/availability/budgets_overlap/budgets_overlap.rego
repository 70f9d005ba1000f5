# METADATA
# title: "Two PodDisruptionBudgets hold for one workload"
# description: >-
#   The API server refuses to evict a pod that two budgets select (“does not support more than one
#   pod disruption budget”): nodes cannot be drained, and upgrades of the cluster stop.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
# custom:
#   id: AUD-AVAIL-0004
#   severity: high
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
#     - policy/PodDisruptionBudget
#   remediation: >-
#     Keep one of them, or make their selectors disjoint.
#   reads:
#     - spec.selector
#     - workload.pod_metadata.labels
#   since: 0.1.0
package auditor.availability.budgets_overlap

import data.auditor.lib.scaling
import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("%d PodDisruptionBudgets select its pods: %s", [count(names), text.plain(concat(", ", sort(names)))]),
	"pointer": "",
	"details": {"budgets": sort(names)},
	"resource": workload.index,
} if {
	some workload in set.workloads
	declared := scaling.budgets[workload.namespace]
	names := {budget.name | some budget in scaling.budgets_of(workload, declared)}
	count(names) > 1
}
