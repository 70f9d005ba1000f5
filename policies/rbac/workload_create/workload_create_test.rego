package auditor.rbac.workload_create_test

import data.auditor.rbac.workload_create

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := workload_create.findings with input as {"resource": resource, "parameters": {}}
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
				"apps",
			],
			"resources": [
				"deployments",
			],
			"verbs": [
				"get",
				"patch",
				"update",
			],
		},
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"pods/eviction",
			],
			"verbs": [
				"create",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := workload_create.findings with input as {"resource": resource, "parameters": {}}
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
				"",
			],
			"resources": [
				"pods",
			],
			"verbs": [
				"create",
			],
		},
		{
			"apiGroups": [
				"apps",
				"batch",
			],
			"resources": [
				"deployments",
				"jobs",
			],
			"verbs": [
				"create",
			],
		},
	],
}
