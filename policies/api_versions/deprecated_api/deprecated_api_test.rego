package auditor.api_versions.deprecated_api_test

import data.auditor.api_versions.deprecated_api

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2]
		found := deprecated_api.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "resource.k8s.io/v1",
	"kind": "ResourceClaim",
	"metadata": {
		"name": "web",
	},
}

resource_good_1_2 := {
	"apiVersion": "policy/v1beta1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := deprecated_api.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == {"apiVersion"}
}

resource_bad_1_1 := {
	"apiVersion": "admissionregistration.k8s.io/v1beta1",
	"kind": "MutatingAdmissionPolicy",
	"metadata": {
		"name": "web",
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := deprecated_api.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == {"apiVersion"}
}

resource_bad_2_1 := {
	"apiVersion": "v1",
	"kind": "Endpoints",
	"metadata": {
		"name": "web",
	},
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := deprecated_api.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == {"apiVersion"}
}

resource_bad_3_1 := {
	"apiVersion": "resource.k8s.io/v1beta1",
	"kind": "ResourceClaim",
	"metadata": {
		"name": "web",
	},
}

test_older_target if {
	found := deprecated_api.findings with input as {"resource": resource_bad_2_1, "parameters": {"kubernetes_version": "1.32"}}
	count(found) == 0
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := deprecated_api.findings with input as {"resource": resource_bad_configured_1, "parameters": {"kubernetes_version": "1.24"}}
		some finding in found
	}
	pointers == {"apiVersion"}
}

resource_bad_configured_1 := {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}}
