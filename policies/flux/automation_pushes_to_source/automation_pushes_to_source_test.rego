package auditor.flux.automation_pushes_to_source_test

import data.auditor.flux.automation_pushes_to_source

test_good_1_1 if {
	count(automation_pushes_to_source.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
		found := automation_pushes_to_source.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.git.push.branch"}
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
		},
		"update": {
			"path": "./apps/shop",
			"strategy": "Setters",
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := automation_pushes_to_source.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.git.push.branch"}
}

resource_bad_2_1 := {
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
				"branch": "main",
			},
		},
		"update": {
			"path": "./apps/shop",
			"strategy": "Setters",
		},
	},
}
