package auditor.rbac.persistent_volume_create_test

import data.auditor.rbac.persistent_volume_create

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := persistent_volume_create.findings with input as {"resource": resource, "parameters": {}}
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
				"",
			],
			"resources": [
				"persistentvolumeclaims",
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
				"persistentvolumes",
			],
			"verbs": [
				"get",
				"list",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := persistent_volume_create.findings with input as {"resource": resource, "parameters": {}}
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
				"",
			],
			"resources": [
				"persistentvolumes",
			],
			"verbs": [
				"create",
				"delete",
			],
		},
	],
}
