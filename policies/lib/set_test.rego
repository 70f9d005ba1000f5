package auditor.lib.set_test

import data.auditor.lib.set

application := {"kind": "Application", "metadata": {"name": "shop"}, "spec": {"destination": {"namespace": "shop"}}}

release := {"kind": "HelmRelease", "metadata": {"name": "pay", "namespace": "pay"}, "spec": {}}

targeted := {"kind": "HelmRelease", "metadata": {"name": "db", "namespace": "flux-system"}, "spec": {"targetNamespace": "db"}}

test_namespaces_filled_from_elsewhere if {
	set.filled_from_elsewhere == {"shop", "pay", "db"} with input as {"set": [application, release, targeted]}
}

test_pods_without_labels if {
	[workload.labels | some workload in set.workloads] == [{}] with input as {"set": [{"kind": "Pod", "metadata": {"labels": null}, "spec": {}}]}
}
