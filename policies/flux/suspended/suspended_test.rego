package auditor.flux.suspended_test

import data.auditor.flux.suspended

test_good_1_1 if {
	count(suspended.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
		"suspend": false,
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := suspended.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.suspend"}
}

resource_bad_1_1 := {
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
		"suspend": true,
	},
}
