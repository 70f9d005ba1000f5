package auditor.rbac.wildcard_test

import data.auditor.rbac.wildcard

test_good_1_1 if {
	count(wildcard.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "Role",
	"metadata": {
		"name": "reader",
		"namespace": "shop",
	},
	"rules": [
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"configmaps",
			],
			"verbs": [
				"get",
				"list",
				"watch",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"rules[0].verbs", "rules[0].resources"}
}

resource_bad_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "everything",
	},
	"rules": [
		{
			"apiGroups": [
				"*",
			],
			"resources": [
				"*",
			],
			"verbs": [
				"*",
			],
		},
		{
			"apiGroups": [
				"apps",
			],
			"resources": [
				"deployments",
			],
			"verbs": [
				"get",
			],
		},
	],
}
