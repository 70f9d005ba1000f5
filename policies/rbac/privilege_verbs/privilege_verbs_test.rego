package auditor.rbac.privilege_verbs_test

import data.auditor.rbac.privilege_verbs

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := privilege_verbs.findings with input as {"resource": resource, "parameters": {}}
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
				"rbac.authorization.k8s.io",
			],
			"resources": [
				"clusterroles",
			],
			"verbs": [
				"bind",
			],
			"resourceNames": [
				"view",
			],
		},
		{
			"apiGroups": [
				"rbac.authorization.k8s.io",
			],
			"resources": [
				"roles",
			],
			"verbs": [
				"get",
				"list",
			],
		},
		{
			"apiGroups": [
				"apps",
			],
			"resources": [
				"roles",
			],
			"verbs": [
				"bind",
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
				"*",
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
	pointers == {"rules[0].verbs", "rules[1].verbs", "rules[2].verbs", "rules[3].verbs"}
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
				"rbac.authorization.k8s.io",
			],
			"resources": [
				"clusterroles",
			],
			"verbs": [
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
		{
			"apiGroups": [
				"rbac.authorization.k8s.io",
			],
			"resources": [
				"roles",
			],
			"verbs": [
				"*",
			],
		},
		{
			"apiGroups": [
				"authentication.k8s.io",
			],
			"resources": [
				"*",
			],
			"verbs": [
				"impersonate",
			],
		},
	],
}
