package auditor.rbac.secrets_in_namespace_test

import data.auditor.rbac.secrets_in_namespace

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := secrets_in_namespace.findings with input as {"resource": resource, "parameters": {}}
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
				"secrets",
			],
			"verbs": [
				"get",
				"watch",
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
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := secrets_in_namespace.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"rules[0].resources"}
}

resource_bad_1_1 := {
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
				"secrets",
			],
			"verbs": [
				"get",
				"list",
			],
		},
	],
}
