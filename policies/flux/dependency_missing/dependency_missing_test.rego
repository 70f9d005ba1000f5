package auditor.flux.dependency_missing_test

import data.auditor.flux.dependency_missing

test_good_1 if {
	count(dependency_missing.findings) == 0 with input as {"set": [resource_good_1_1, resource_good_1_2], "context": {"environment": "production"}, "parameters": {}}
}

test_good_2 if {
	count(dependency_missing.findings) == 0 with input as {"set": [resource_good_2_1, resource_good_2_2], "context": {"environment": "production"}, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		found := dependency_missing.findings with input as {"set": [resource_bad_1, resource_bad_2], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.dependsOn[name=databse]"}
}

resource_good_1_1 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "database",
	},
}

resource_good_1_2 := {
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
				"name": "${PLATFORM}",
			},
		],
	},
}

resource_good_2_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "${APP}-database",
	},
}

resource_good_2_2 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"dependsOn": [
			{
				"name": "shop-database",
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
				"name": "databse",
			},
		],
	},
}
