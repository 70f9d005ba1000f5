package auditor.helm.validation_off_test

import data.auditor.helm.validation_off

test_good_1_1 if {
	count(validation_off.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"chart": {
			"spec": {
				"chart": "podinfo",
				"version": "6.9.0",
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "podinfo",
				},
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := validation_off.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.upgrade.disableOpenAPIValidation"}
}

resource_bad_1_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"chart": {
			"spec": {
				"chart": "podinfo",
				"version": "6.9.0",
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "podinfo",
				},
			},
		},
		"upgrade": {
			"disableOpenAPIValidation": true,
		},
	},
}
