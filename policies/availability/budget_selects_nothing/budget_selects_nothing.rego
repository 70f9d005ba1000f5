# METADATA
# title: "A PodDisruptionBudget selects no workload"
# description: >-
#   It protects nothing: labels were changed on one side. Judged only where the namespace's
#   workloads are declared here: one of them uses each label key that the budget asks for, and no
#   chart or application from elsewhere puts more into the namespace.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   id: AUD-AVAIL-0002
#   severity: low
#   scope: environment
#   about:
#     - policy/PodDisruptionBudget
#   kinds:
#     - policy/PodDisruptionBudget
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/ReplicaSet
#     - ReplicationController
#     - Pod
#     - apps/DaemonSet
#     - batch/Job
#     - batch/CronJob
#     - helm.fluxcd.io/HelmRelease
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - argoproj.io/Application
#   remediation: >-
#     Make the selector the labels of the pod template, or remove the budget.
#   reads:
#     - metadata.labels
#     - spec.destination.namespace
#     - spec.selector
#     - spec.targetNamespace
#     - workload.pod_metadata.labels
#   since: 0.1.0
package auditor.availability.budget_selects_nothing

import data.auditor.lib.scaling
import data.auditor.lib.selector
import data.auditor.lib.set

findings contains {
	"message": sprintf("no workload of %s has the labels that the budget selects", [namespace]),
	"pointer": "spec.selector",
	"details": {"namespace": namespace},
	"resource": budget.index,
} if {
	some namespace, budgets in scaling.budgets
	not namespace in set.filled_from_elsewhere
	keys := set.label_keys[namespace]
	some budget in budgets
	not selector.is_empty(budget.selector)
	wanted := object.get(budget.selector, "matchLabels", {})
	count({key | some key in object.keys(wanted); not key in keys}) == 0
	here := set.in_namespace[namespace]
	not protects(budget, here)
}

protects(budget, workloads) if {
	some workload in workloads
	selector.matches(budget.selector, workload.labels)
}
