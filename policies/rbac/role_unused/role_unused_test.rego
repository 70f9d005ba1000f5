package auditor.rbac.role_unused_test

import data.auditor.rbac.role_unused

test_good_1 if {
	found := role_unused.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4], "context": {"environment": "production"}, "parameters": {}}
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
	"kind": "Role",
	"metadata": {
		"name": "spare",
		"namespace": "pay",
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

resource_good_1_4 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "chart",
		"namespace": "pay",
	},
	"spec": {
		"interval": "1h",
	},
}

test_bad_1 if {
	found := role_unused.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {""}
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
		"namespace": "pay",
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
