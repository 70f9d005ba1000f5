# Who scales a workload, how many replicas there are at least, and which disruption budgets hold for it.
package auditor.lib.scaling

import data.auditor.lib.selector
import data.auditor.lib.set

# Every autoscaler: {"index", "kind", "name", "namespace", "target", "least"}; `target` is "Kind/name" and `least`
# the fewest replicas it keeps.
autoscalers contains {
	"index": index,
	"kind": manifest.kind,
	"name": set.name(manifest),
	"namespace": set.namespace(manifest),
	"target": sprintf("%s/%s", [target.kind, target.name]),
	"least": object.get(manifest.spec, "minReplicas", 1),
} if {
	some index, manifest in input.set
	manifest.kind == "HorizontalPodAutoscaler"
	target := manifest.spec.scaleTargetRef
}

autoscalers contains {
	"index": index,
	"kind": manifest.kind,
	"name": set.name(manifest),
	"namespace": set.namespace(manifest),
	"target": sprintf("%s/%s", [set.text_or(target, "kind", "Deployment"), target.name]),
	"least": object.get(manifest.spec, "minReplicaCount", 0),
} if {
	some index, manifest in input.set
	manifest.kind == "ScaledObject"
	target := manifest.spec.scaleTargetRef
}

of_workload(workload) := {scaler |
	some scaler in autoscalers
	scaler.namespace == workload.namespace
	scaler.target == sprintf("%s/%s", [workload.kind, workload.name])
}

# The fewest replicas: what the autoscaler keeps, else what is written, else one.
replicas(workload) := min({scaler.least | some scaler in of_workload(workload)}) if count(of_workload(workload)) > 0

replicas(workload) := workload.replicas if {
	count(of_workload(workload)) == 0
	is_number(workload.replicas)
}

replicas(workload) := 1 if {
	count(of_workload(workload)) == 0
	workload.replicas == null
}

# Namespace → budgets: {"index", "name", "selector", "spec"}. A budget without a selector selects nothing.
budgets[namespace] contains budget if {
	some index, manifest in input.set
	manifest.kind == "PodDisruptionBudget"
	is_object(manifest.spec.selector)
	namespace := set.namespace(manifest)
	budget := {"index": index, "name": set.name(manifest), "selector": manifest.spec.selector, "spec": manifest.spec}
}

budgets_of(workload) := {budget |
	some budget in budgets[workload.namespace]
	selector.matches(budget.selector, workload.labels)
}
