package auditor.flux.source_not_verified_test

import data.auditor.flux.source_not_verified

test_good_1_1 if {
	count(source_not_verified.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "OCIRepository",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"url": "oci://registry.example.org/shop/podinfo",
		"ref": {
			"tag": "6.9.0",
		},
		"verify": {
			"provider": "cosign",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := source_not_verified.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.verify"}
}

resource_bad_1_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "OCIRepository",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"url": "oci://registry.example.org/shop/podinfo",
		"ref": {
			"tag": "6.9.0",
		},
	},
}
