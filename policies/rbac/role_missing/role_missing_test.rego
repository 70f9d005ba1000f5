package auditor.rbac.role_missing_test

import data.auditor.rbac.role_missing

test_good_1 if {
	found := role_missing.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
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
				"pods",
			],
			"verbs": [
				"get",
			],
		},
	],
}

resource_good_1_2 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "RoleBinding",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "Role",
		"name": "web",
	},
	"subjects": [
		{
			"kind": "User",
			"name": "ann",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

resource_good_1_3 := {
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
			"kind": "User",
			"name": "ann",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

resource_good_1_4 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "RoleBinding",
	"metadata": {
		"name": "web",
		"namespace": "elsewhere",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "Role",
		"name": "other",
	},
	"subjects": [
		{
			"kind": "User",
			"name": "ann",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

test_bad_1 if {
	found := role_missing.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"roleRef.name"}
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
				"pods",
			],
			"verbs": [
				"get",
			],
		},
	],
}

resource_bad_1_2 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "RoleBinding",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "Role",
		"name": "wbe",
	},
	"subjects": [
		{
			"kind": "User",
			"name": "ann",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}
