package auditor.rbac.default_account_binding_test

import data.auditor.rbac.default_account_binding

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := default_account_binding.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"metadata": {
		"name": "web",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "ClusterRole",
		"name": "view",
	},
	"subjects": [
		{
			"kind": "ServiceAccount",
			"name": "web",
			"namespace": "shop",
		},
		{
			"kind": "User",
			"name": "default",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := default_account_binding.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"subjects[name=default]"}
}

resource_bad_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "RoleBinding",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "ClusterRole",
		"name": "view",
	},
	"subjects": [
		{
			"kind": "ServiceAccount",
			"name": "default",
			"namespace": "shop",
		},
	],
}
