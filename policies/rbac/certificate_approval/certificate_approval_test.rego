package auditor.rbac.certificate_approval_test

import data.auditor.rbac.certificate_approval

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := certificate_approval.findings with input as {"resource": resource, "parameters": {}}
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
				"certificates.k8s.io",
			],
			"resources": [
				"certificatesigningrequests",
			],
			"verbs": [
				"create",
				"get",
				"list",
			],
		},
		{
			"apiGroups": [
				"certificates.k8s.io",
			],
			"resources": [
				"signers",
			],
			"verbs": [
				"approve",
			],
			"resourceNames": [
				"example.org/web",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := certificate_approval.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"rules[0].resources", "rules[1].resources"}
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
				"certificates.k8s.io",
			],
			"resources": [
				"certificatesigningrequests/approval",
			],
			"verbs": [
				"update",
			],
		},
		{
			"apiGroups": [
				"certificates.k8s.io",
			],
			"resources": [
				"signers",
			],
			"verbs": [
				"approve",
			],
		},
	],
}
