package auditor.flux.dependency_cycle_test

import data.auditor.flux.dependency_cycle

test_good if {
	count(dependency_cycle.findings) == 0 with input as {"set": [resource_good_1, resource_good_2, resource_good_3], "context": {"environment": "production"}, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		found := dependency_cycle.findings with input as {"set": [resource_bad_1, resource_bad_2], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.dependsOn[name=database]", "spec.dependsOn[name=shop]"}
}

resource_good_1 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "database",
		"namespace": "flux-system",
	},
}

resource_good_2 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
		"namespace": "flux-system",
	},
	"spec": {
		"dependsOn": [
			{
				"name": "database",
			},
		],
	},
}

resource_good_3 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "database",
		"namespace": "other",
	},
	"spec": {
		"dependsOn": [
			{
				"name": "shop",
				"namespace": "flux-system",
			},
		],
	},
}

resource_bad_1 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "database",
	},
	"spec": {
		"dependsOn": [
			{
				"name": "shop",
			},
		],
	},
}

resource_bad_2 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"dependsOn": [
			{
				"name": "database",
			},
		],
	},
}
