package auditor.flux.prune_off_test

import data.auditor.flux.prune_off

test_good_1_1 if {
	count(prune_off.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
		found := prune_off.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.prune"}
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
		"prune": false,
	},
}
