package auditor.argo_cd.destination_twofold_test

import data.auditor.argo_cd.destination_twofold

test_good_1 if {
	count(destination_twofold.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
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
