package auditor.api_versions.removed_api_test

import data.auditor.api_versions.removed_api

test_good_1_1 if {
	count(removed_api.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {"kubernetes_version": "1.37"}}
}

resource_good_1_1 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := removed_api.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == {"apiVersion"}
}

resource_bad_1_1 := {
	"apiVersion": "policy/v1beta1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := removed_api.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == {"apiVersion"}
}

resource_bad_2_1 := {
	"apiVersion": "extensions/v1beta1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"backend": {
			"serviceName": "web",
			"servicePort": 80,
		},
	},
}

test_still_served_passes if {
	found := removed_api.findings with input as {
		"resource": resource_bad_1_1,
		"parameters": {"kubernetes_version": "1.24"},
	}
	count(found) == 0
}
