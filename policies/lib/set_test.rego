package auditor.lib.set_test

import data.auditor.lib.set

application := {"kind": "Application", "metadata": {"name": "shop"}, "spec": {"destination": {"namespace": "shop"}}}

release := {"kind": "HelmRelease", "metadata": {"name": "pay", "namespace": "pay"}, "spec": {}}

targeted := {"kind": "HelmRelease", "metadata": {"name": "db", "namespace": "flux-system"}, "spec": {"targetNamespace": "db"}}

test_namespaces_filled_from_elsewhere if {
	set.filled_from_elsewhere == {"shop", "pay", "db"} with input as {"set": [application, release, targeted]}
}

rollout := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Rollout",
	"metadata": {"name": "web", "namespace": "shop"},
	"spec": {"replicas": 2, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"hostNetwork": true}}},
}

# Somebody's own kind that is called as one of Kubernetes' and holds its pods elsewhere.
own_job := {"apiVersion": "batch.example.org/v1", "kind": "Job", "metadata": {"name": "own"}, "spec": {"pods": {"metadata": {"labels": {"app": "own"}}, "pod-spec": {"hostPID": true}}}}

job := {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"}, "spec": {"template": {"spec": {"hostIPC": true}}}}

grouped := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": {"hostIPC": false}}

test_workloads_of_other_kinds if {
	found := set.workloads with input as {
		"set": [rollout, own_job, job, grouped],
		"context": {"pods": {
			"argoproj.io/Rollout": ["spec", "template", "spec"],
			"batch.example.org/Job": ["spec", "pods", "pod-spec"],
			"Pod": ["spec"],
		}},
	}
	[[workload.name, workload.labels, workload.pod, workload.pointer, workload.replicas] | some workload in found] == [
		["web", {"app": "web"}, {"hostNetwork": true}, "spec.template.spec", 2],
		["own", {"app": "own"}, {"hostPID": true}, "spec.pods.pod-spec", null],
		["job", {}, {"hostIPC": true}, "spec.template.spec", null],
		["pod", {}, {"hostIPC": false}, "spec", null],
	]
}

test_workloads_nobody_told_of if {
	[workload.name | some workload in set.workloads] == ["job"] with input as {"set": [rollout, job]}
}

test_pods_without_labels if {
	[workload.labels | some workload in set.workloads] == [{}] with input as {"set": [{"kind": "Pod", "metadata": {"labels": null}, "spec": {}}]}
}
