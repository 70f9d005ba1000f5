package auditor.flux.automation_unsigned_test

import data.auditor.flux.automation_unsigned

test_good_1 if {
	count(automation_unsigned.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := automation_unsigned.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.git.commit.signingKey"}
}

resource_good_1 := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImageUpdateAutomation",
	"metadata": {
		"name": "all",
	},
	"spec": {
		"git": {
			"commit": {
				"author": {
					"email": "flux@example.org",
				},
				"signingKey": {
					"secretRef": {
						"name": "signing",
					},
				},
			},
		},
	},
}

resource_bad_1 := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImageUpdateAutomation",
	"metadata": {
		"name": "all",
	},
	"spec": {
		"git": {
			"commit": {
				"author": {
					"email": "flux@example.org",
				},
			},
		},
	},
}
