package auditor.api_versions.deprecated_flux_api_test

import data.auditor.api_versions.deprecated_flux_api

test_good_1_1 if {
	count(deprecated_flux_api.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
		"namespace": "flux-system",
	},
	"spec": {
		"interval": "10m",
		"path": "./apps/shop",
		"sourceRef": {
			"kind": "GitRepository",
			"name": "flux-system",
		},
		"prune": true,
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := deprecated_flux_api.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"apiVersion"}
}

resource_bad_1_1 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1beta2",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
		"namespace": "flux-system",
	},
	"spec": {
		"interval": "10m",
		"path": "./apps/shop",
		"sourceRef": {
			"kind": "GitRepository",
			"name": "flux-system",
		},
		"prune": true,
	},
}
