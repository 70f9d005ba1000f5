package auditor.rbac.nodes_proxy_test

import data.auditor.rbac.nodes_proxy

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := nodes_proxy.findings with input as {"resource": resource, "parameters": {}}
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
				"nodes",
				"nodes/metrics",
				"nodes/stats",
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
		found := nodes_proxy.findings with input as {"resource": resource, "parameters": {}}
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
				"nodes/metrics",
				"nodes/proxy",
			],
			"verbs": [
				"get",
			],
		},
	],
}
