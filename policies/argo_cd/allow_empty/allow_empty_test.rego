package auditor.argo_cd.allow_empty_test

import data.auditor.argo_cd.allow_empty

test_good_1 if {
	count(allow_empty.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(allow_empty.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := allow_empty.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.syncPolicy.automated.allowEmpty"}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := allow_empty.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.syncPolicy.automated.allowEmpty"}
}

resource_good_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"syncPolicy": {
			"automated": {
				"prune": true,
			},
		},
	},
}

resource_good_2 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"syncPolicy": {
			"automated": {
				"prune": false,
				"allowEmpty": true,
			},
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
					"automated": {
						"prune": true,
						"allowEmpty": true,
					},
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
			"automated": {
				"prune": true,
				"allowEmpty": true,
			},
		},
	},
}
