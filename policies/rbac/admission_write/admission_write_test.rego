package auditor.rbac.admission_write_test

import data.auditor.rbac.admission_write

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := admission_write.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "web",
	},
	"rules": [
		{
			"apiGroups": [
				"admissionregistration.k8s.io",
			],
			"resources": [
				"validatingwebhookconfigurations",
			],
			"verbs": [
				"get",
				"list",
				"watch",
			],
		},
		{
			"apiGroups": [
				"admissionregistration.k8s.io",
			],
			"resources": [
				"validatingwebhookconfigurations",
			],
			"verbs": [
				"update",
			],
			"resourceNames": [
				"web",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := admission_write.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"rules[0].resources"}
}

resource_bad_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "web",
	},
	"rules": [
		{
			"apiGroups": [
				"admissionregistration.k8s.io",
			],
			"resources": [
				"mutatingwebhookconfigurations",
				"validatingwebhookconfigurations",
			],
			"verbs": [
				"get",
				"patch",
			],
		},
	],
}
