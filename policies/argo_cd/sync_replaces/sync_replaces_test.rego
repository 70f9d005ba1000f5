package auditor.argo_cd.sync_replaces_test

import data.auditor.argo_cd.sync_replaces

test_good_1 if {
	count(sync_replaces.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := sync_replaces.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.syncPolicy.syncOptions"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := sync_replaces.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.syncPolicy.syncOptions"}
}

resource_good_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"project": "shop",
		"syncPolicy": {
			"syncOptions": [
				"ServerSideApply=true",
				"CreateNamespace=true",
			],
		},
	},
}

resource_bad_1_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"project": "shop",
		"syncPolicy": {
			"syncOptions": [
				"Replace=true",
			],
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "shops",
	},
	"spec": {
		"template": {
			"spec": {
				"project": "shop",
				"syncPolicy": {
					"syncOptions": [
						"Force=true",
					],
				},
			},
		},
	},
}
