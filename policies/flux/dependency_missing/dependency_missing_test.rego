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

test_bad_2 if {
	found := dependency_missing.findings with input as {"set": [bad_2_resource_1, bad_2_resource_2, bad_2_resource_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.dependsOn[name=database]"}
}

bad_2_resource_1 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "shop", "namespace": "shop"}, "spec": {"dependsOn": [{"name": "database", "namespace": "databases"}]}}

bad_2_resource_2 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "operator", "namespace": "databases"}}

bad_2_resource_3 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "database", "namespace": "shop"}}

test_good_3 if {
	found := dependency_missing.findings with input as {"set": [good_3_resource_1, good_3_resource_2, good_3_resource_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_3_resource_1 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "shop", "namespace": "shop"}, "spec": {"dependsOn": [{"name": "storage", "namespace": "storage-system"}, {"name": "database"}, {"name": "cache", "namespace": "${CACHE_NAMESPACE}"}]}}

good_3_resource_2 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "database", "namespace": "shop"}}

good_3_resource_3 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "cache", "namespace": "caches"}}

# What names no namespace may be put into the one that is meant.
test_no_namespace if {
	count(dependency_missing.findings) == 0 with input as {"set": [unplaced, waits_for_unplaced], "context": {"environment": "production"}, "parameters": {}}
}

unplaced := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "database"}}

waits_for_unplaced := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {"name": "shop", "namespace": "shop"},
	"spec": {"dependsOn": [{"name": "database", "namespace": "databases"}]},
}
