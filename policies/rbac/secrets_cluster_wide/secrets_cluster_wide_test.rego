package auditor.rbac.secrets_cluster_wide_test

import data.auditor.rbac.secrets_cluster_wide

test_good_1_1 if {
	count(secrets_cluster_wide.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
				"",
			],
			"resources": [
				"secrets",
			],
			"resourceNames": [
				"webhook-certificate",
			],
			"verbs": [
				"get",
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
	pointers == {"rules[0].resources"}
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
				"",
			],
			"resources": [
				"configmaps",
				"secrets",
			],
			"verbs": [
				"get",
				"list",
				"watch",
			],
		},
	],
}
