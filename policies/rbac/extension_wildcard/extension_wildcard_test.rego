package auditor.rbac.extension_wildcard_test

import data.auditor.rbac.extension_wildcard

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := extension_wildcard.findings with input as {"resource": resource, "parameters": {}}
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
				"monitoring.coreos.com",
			],
			"resources": [
				"servicemonitors",
			],
			"verbs": [
				"get",
				"list",
			],
		},
		{
			"apiGroups": [
				"monitoring.coreos.com",
			],
			"resources": [
				"servicemonitors",
			],
			"verbs": [
				"*",
			],
			"resourceNames": [
				"web",
			],
		},
		{
			"apiGroups": [
				"apps",
				"monitoring.coreos.com",
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
		found := extension_wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"rules[0].resources", "rules[0].verbs", "rules[1].resources"}
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
				"monitoring.coreos.com",
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
				"gateway.networking.k8s.io",
				"k8s.nginx.org",
			],
			"resources": [
				"*",
			],
			"verbs": [
				"list",
				"watch",
			],
		},
	],
}
