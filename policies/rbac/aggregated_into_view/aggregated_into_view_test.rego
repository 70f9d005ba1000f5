package auditor.rbac.aggregated_into_view_test

import data.auditor.rbac.aggregated_into_view

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2]
		found := aggregated_into_view.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "web",
		"labels": {
			"rbac.authorization.k8s.io/aggregate-to-view": "true",
		},
	},
	"rules": [
		{
			"apiGroups": [
				"example.org",
			],
			"resources": [
				"shops",
			],
			"verbs": [
				"get",
				"list",
				"watch",
			],
		},
	],
}

resource_good_1_2 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "web",
		"labels": {
			"rbac.authorization.k8s.io/aggregate-to-edit": "true",
		},
	},
	"rules": [
		{
			"apiGroups": [
				"example.org",
			],
			"resources": [
				"shops",
			],
			"verbs": [
				"delete",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := aggregated_into_view.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"rules[0].verbs", "rules[1].verbs"}
}

resource_bad_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "web",
		"labels": {
			"rbac.authorization.k8s.io/aggregate-to-view": "true",
		},
	},
	"rules": [
		{
			"apiGroups": [
				"example.org",
			],
			"resources": [
				"shops",
			],
			"verbs": [
				"get",
				"delete",
			],
		},
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"secrets",
			],
			"verbs": [
				"get",
			],
		},
	],
}
