package auditor.rbac.secrets_cluster_wide_test

import data.auditor.rbac.secrets_cluster_wide

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := secrets_cluster_wide.findings with input as {"resource": resource, "parameters": {}}
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
				"secrets",
			],
			"verbs": [
				"get",
			],
			"resourceNames": [
				"web-tls",
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
				"create",
			],
		},
		{
			"apiGroups": [
				"external-secrets.io",
			],
			"resources": [
				"*",
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
				"configmaps",
			],
			"verbs": [
				"list",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := secrets_cluster_wide.findings with input as {"resource": resource, "parameters": {}}
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
				"configmaps",
				"secrets",
			],
			"verbs": [
				"get",
				"list",
			],
		},
		{
			"apiGroups": [
				"*",
			],
			"resources": [
				"*",
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
				"secrets",
			],
			"verbs": [
				"*",
			],
		},
	],
}
