package auditor.flux.dependency_not_awaited_test

import data.auditor.flux.dependency_not_awaited

test_good if {
	count(dependency_not_awaited.findings) == 0 with input as {"set": [resource_good_1, resource_good_2, resource_good_3], "context": {"environment": "production"}, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		found := dependency_not_awaited.findings with input as {"set": [resource_bad_1, resource_bad_2], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.wait"}
}

resource_good_1 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "database",
	},
	"spec": {
		"wait": true,
	},
}

resource_good_2 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "operator",
	},
	"spec": {
		"healthChecks": [
			{
				"apiVersion": "apps/v1",
				"kind": "Deployment",
				"name": "operator",
				"namespace": "operators",
			},
		],
	},
}

resource_good_3 := {
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
			{
				"name": "operator",
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
		"interval": "10m",
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

test_good_2 if {
	found := dependency_not_awaited.findings with input as {"set": [good_2_resource_1, good_2_resource_2, good_2_resource_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_2_resource_1 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "database", "namespace": "pay"}, "spec": {"interval": "10m"}}

good_2_resource_2 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "database", "namespace": "shop"}, "spec": {"wait": true}}

good_2_resource_3 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"dependsOn": [{"name": "database"}]}}

test_bad_2 if {
	found := dependency_not_awaited.findings with input as {"set": [bad_2_resource_1, bad_2_resource_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.wait"}
}

bad_2_resource_1 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "database"}, "spec": {"interval": "10m"}}

bad_2_resource_2 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "web"}, "spec": {"dependsOn": [{"name": "database", "namespace": "shop"}]}}
