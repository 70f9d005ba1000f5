package auditor.rbac.privilege_verbs_test

import data.auditor.rbac.privilege_verbs

test_good_1_1 if {
	count(privilege_verbs.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "operator",
	},
	"rules": [
		{
			"apiGroups": [
				"rbac.authorization.k8s.io",
			],
			"resources": [
				"clusterroles",
			],
			"resourceNames": [
				"view",
			],
			"verbs": [
				"bind",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := privilege_verbs.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"rules[0].verbs", "rules[1].verbs"}
}

resource_bad_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "operator",
	},
	"rules": [
		{
			"apiGroups": [
				"rbac.authorization.k8s.io",
			],
			"resources": [
				"clusterroles",
			],
			"verbs": [
				"get",
				"bind",
			],
		},
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"serviceaccounts",
			],
			"verbs": [
				"impersonate",
			],
		},
	],
}
