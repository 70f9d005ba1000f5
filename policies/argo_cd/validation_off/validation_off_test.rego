package auditor.argo_cd.validation_off_test

import data.auditor.argo_cd.validation_off

test_good_1 if {
	count(validation_off.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := validation_off.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.syncPolicy.syncOptions"}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := validation_off.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.syncPolicy.syncOptions"}
}

resource_good_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"syncPolicy": {
			"syncOptions": [
				"CreateNamespace=true",
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
				"syncPolicy": {
					"syncOptions": [
						"Validate=false",
					],
				},
			},
		},
	},
}

resource_bad_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"syncPolicy": {
			"syncOptions": [
				"Validate=false",
			],
		},
	},
}
