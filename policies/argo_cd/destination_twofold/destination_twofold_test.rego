package auditor.argo_cd.destination_twofold_test

import data.auditor.argo_cd.destination_twofold

test_good_1 if {
	count(destination_twofold.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := destination_twofold.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.destination"}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := destination_twofold.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.destination"}
}

resource_good_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"destination": {
			"server": "https://kubernetes.default.svc",
			"namespace": "shop",
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
				"destination": {
					"server": "https://kubernetes.default.svc",
					"name": "in-cluster",
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
		"destination": {
			"server": "https://kubernetes.default.svc",
			"name": "in-cluster",
			"namespace": "shop",
		},
	},
}
