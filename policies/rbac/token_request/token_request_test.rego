package auditor.rbac.token_request_test

import data.auditor.rbac.token_request

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := token_request.findings with input as {"resource": resource, "parameters": {}}
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
				"serviceaccounts",
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
				"serviceaccounts/token",
			],
			"verbs": [
				"create",
			],
			"resourceNames": [
				"web",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := token_request.findings with input as {"resource": resource, "parameters": {}}
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
				"serviceaccounts/token",
			],
			"verbs": [
				"create",
			],
		},
	],
}
