package auditor.flux.automation_unscoped_test

import data.auditor.flux.automation_unscoped

test_good_1_1 if {
	count(automation_unscoped.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImageUpdateAutomation",
	"metadata": {
		"name": "shop",
		"namespace": "flux-system",
	},
	"spec": {
		"interval": "30m",
		"sourceRef": {
			"kind": "GitRepository",
			"name": "flux-system",
		},
		"git": {
			"checkout": {
				"ref": {
					"branch": "main",
				},
			},
			"commit": {
				"author": {
					"email": "flux@example.org",
				},
			},
			"push": {
				"branch": "image-updates",
			},
		},
		"update": {
			"path": "./apps/shop",
			"strategy": "Setters",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := automation_unscoped.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.update.path"}
}

resource_bad_1_1 := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImageUpdateAutomation",
	"metadata": {
		"name": "shop",
		"namespace": "flux-system",
	},
	"spec": {
		"interval": "30m",
		"sourceRef": {
			"kind": "GitRepository",
			"name": "flux-system",
		},
		"git": {
			"checkout": {
				"ref": {
					"branch": "main",
				},
			},
			"commit": {
				"author": {
					"email": "flux@example.org",
				},
			},
			"push": {
				"branch": "image-updates",
			},
		},
	},
}
