package auditor.flux.image_policy_any_version_test

import data.auditor.flux.image_policy_any_version

test_good_1 if {
	count(image_policy_any_version.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(image_policy_any_version.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(image_policy_any_version.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := image_policy_any_version.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.policy.semver.range"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := image_policy_any_version.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.policy.semver.range"}
}

resource_good_1 := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImagePolicy",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"policy": {
			"semver": {
				"range": "1.x",
			},
		},
	},
}

resource_good_2 := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImagePolicy",
	"metadata": {
		"name": "api",
	},
	"spec": {
		"policy": {
			"semver": {
				"range": ">=1.4.0 <2.0.0",
			},
		},
	},
}

resource_good_3 := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImagePolicy",
	"metadata": {
		"name": "dev",
	},
	"spec": {
		"policy": {
			"alphabetical": {
				"order": "asc",
			},
		},
	},
}

resource_bad_1_1 := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImagePolicy",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"policy": {
			"semver": {
				"range": "*",
			},
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImagePolicy",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"policy": {
			"semver": {
				"range": ">=1.0.0",
			},
		},
	},
}
