package auditor.api_versions.removed_api_test

import data.auditor.api_versions.removed_api

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2]
		found := removed_api.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
	},
}

resource_good_1_2 := {
	"apiVersion": "admissionregistration.k8s.io/v1beta1",
	"kind": "MutatingAdmissionPolicy",
	"metadata": {
		"name": "web",
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
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := removed_api.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == {"apiVersion"}
}

resource_bad_3_1 := {
	"apiVersion": "admissionregistration.k8s.io/v1beta1",
	"kind": "ValidatingAdmissionPolicy",
	"metadata": {
		"name": "web",
	},
}

test_still_served_passes if {
	found := removed_api.findings with input as {
		"resource": resource_bad_1_1,
		"parameters": {"kubernetes_version": "1.24"},
	}
	count(found) == 0
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := removed_api.findings with input as {"resource": resource_bad_configured_1, "parameters": {"kubernetes_version": "1.25"}}
		some finding in found
	}
	pointers == {"apiVersion"}
}

resource_bad_configured_1 := {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}}

test_good_configured_1 if {
	count(removed_api.findings) == 0 with input as {"resource": resource_good_configured_1, "parameters": {"kubernetes_version": "1.24"}}
}

resource_good_configured_1 := {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}}
