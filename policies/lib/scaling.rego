# Who scales a workload, how many replicas there are at least, and which disruption budgets hold for it.
package auditor.lib.scaling

import data.auditor.lib.selector
import data.auditor.lib.set

# Every autoscaler: {"index", "kind", "name", "namespace", "target", "least"}; `target` is "Kind/name" and `least`
# the fewest replicas it keeps.
autoscalers := array.concat(horizontal, keda)

horizontal := [scaler |
	some index in numbers.range(0, count(input.set) - 1)
	manifest := input.set[index]
	manifest.kind == "HorizontalPodAutoscaler"
	target := manifest.spec.scaleTargetRef
	scaler := {
		"index": index,
		"kind": manifest.kind,
		"name": set.name(manifest),
		"namespace": set.namespace(manifest),
		"target": sprintf("%s/%s", [target.kind, target.name]),
		"least": object.get(manifest.spec, "minReplicas", 1),
	}
]

keda := [scaler |
	some index in numbers.range(0, count(input.set) - 1)
	manifest := input.set[index]
	manifest.kind == "ScaledObject"
	target := manifest.spec.scaleTargetRef
	scaler := {
		"index": index,
		"kind": manifest.kind,
		"name": set.name(manifest),
		"namespace": set.namespace(manifest),
		"target": sprintf("%s/%s", [set.text_or(target, "kind", "Deployment"), target.name]),
		"least": object.get(manifest.spec, "minReplicaCount", 0),
	}
]

autoscalers_in := {place: found |
	some place in {scaler.namespace | some scaler in autoscalers}
	found := [scaler | some scaler in autoscalers; scaler.namespace == place]
}

# What holds for one workload, out of those of its namespace: the caller looks these up (`autoscalers_in`,
# `budgets`), since the embedded engine makes what a function refers to again at each call.
of_workload(workload, scalers) := [scaler |
	own := sprintf("%s/%s", [workload.kind, workload.name])
	some scaler in scalers
	scaler.target == own
]

# The fewest replicas: what the autoscaler keeps, else what is written, else one.
replicas(workload, scalers) := least(workload, of_workload(workload, scalers))

least(_, scalers) := min([scaler.least | some scaler in scalers]) if count(scalers) > 0

least(workload, scalers) := workload.replicas if {
	count(scalers) == 0
	is_number(workload.replicas)
}

least(workload, scalers) := 1 if {
	count(scalers) == 0
	workload.replicas == null
}

# Namespace → budgets: {"index", "name", "selector", "spec"}. A budget without a selector selects nothing.
budgets := {place: found |
	all := [budget |
		some index in numbers.range(0, count(input.set) - 1)
		manifest := input.set[index]
		manifest.kind == "PodDisruptionBudget"
		is_object(manifest.spec.selector)
		budget := {
			"index": index,
			"name": set.name(manifest),
			"namespace": set.namespace(manifest),
			"selector": manifest.spec.selector,
			"spec": manifest.spec,
		}
	]
	some place in {budget.namespace | some budget in all}
	found := [budget | some budget in all; budget.namespace == place]
}

budgets_of(workload, declared) := [budget |
	some budget in declared
	selector.matches(budget.selector, workload.labels)
]
