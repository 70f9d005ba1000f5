package auditor.rbac.exec_into_pods_test

import data.auditor.rbac.exec_into_pods

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := exec_into_pods.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "Role",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"rules": [
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"pods",
				"pods/log",
			],
			"verbs": [
				"get",
				"list",
				"create",
			],
		},
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"pods/*",
			],
			"verbs": [
				"create",
			],
		},
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"pods/exec",
			],
			"verbs": [
				"create",
			],
			"resourceNames": [
				"web-0",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := exec_into_pods.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"rules[0].resources", "rules[1].resources", "rules[2].resources"}
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
				"",
			],
			"resources": [
				"pods",
				"pods/exec",
			],
			"verbs": [
				"create",
			],
		},
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"*/attach",
			],
			"verbs": [
				"get",
			],
		},
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"*",
			],
			"verbs": [
				"create",
			],
		},
	],
}
