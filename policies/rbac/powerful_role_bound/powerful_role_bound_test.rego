package auditor.rbac.powerful_role_bound_test

import data.auditor.rbac.powerful_role_bound

test_good_1 if {
	found := powerful_role_bound.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "deployer",
	},
	"rules": [
		{
			"apiGroups": [
				"apps",
			],
			"resources": [
				"deployments",
			],
			"verbs": [
				"*",
			],
		},
	],
}

resource_good_1_2 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"metadata": {
		"name": "web",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "ClusterRole",
		"name": "deployer",
	},
	"subjects": [
		{
			"kind": "Group",
			"name": "developers",
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
		"name": "admin",
	},
	"subjects": [
		{
			"kind": "Group",
			"name": "developers",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

resource_good_1_4 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "everything",
	},
	"rules": [
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

resource_good_1_5 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"metadata": {
		"name": "ops",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "ClusterRole",
		"name": "cluster-admin",
	},
	"subjects": [
		{
			"kind": "Group",
			"name": "operators",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

test_bad_1 if {
	found := powerful_role_bound.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"roleRef.name"}
}

resource_bad_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "web-operator",
	},
	"rules": [
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

resource_bad_1_2 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"metadata": {
		"name": "web",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "ClusterRole",
		"name": "web-operator",
	},
	"subjects": [
		{
			"kind": "ServiceAccount",
			"name": "web",
			"namespace": "shop",
		},
	],
}

test_bad_2 if {
	found := powerful_role_bound.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2, resource_bad_2_3, resource_bad_2_4], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"roleRef.name"}
}

resource_bad_2_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "shop",
	},
	"aggregationRule": {
		"clusterRoleSelectors": [
			{
				"matchLabels": {
					"shop": "yes",
				},
			},
		],
	},
}

resource_bad_2_2 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "part",
		"labels": {
			"shop": "yes",
		},
	},
	"rules": [
		{
			"apiGroups": [
				"rbac.authorization.k8s.io",
			],
			"resources": [
				"roles",
			],
			"verbs": [
				"escalate",
			],
		},
	],
}

resource_bad_2_3 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "RoleBinding",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "ClusterRole",
		"name": "shop",
	},
	"subjects": [
		{
			"kind": "Group",
			"name": "developers",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

resource_bad_2_4 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"metadata": {
		"name": "edit-all",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "ClusterRole",
		"name": "edit",
	},
	"subjects": [
		{
			"kind": "Group",
			"name": "developers",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

test_bad_3 if {
	found := powerful_role_bound.findings with input as {"set": [resource_bad_3_1, resource_bad_3_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"roleRef.name"}
}

resource_bad_3_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "Role",
	"metadata": {
		"name": "support",
		"namespace": "shop",
	},
	"rules": [
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"users",
			],
			"verbs": [
				"impersonate",
			],
		},
	],
}

resource_bad_3_2 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "RoleBinding",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "Role",
		"name": "support",
	},
	"subjects": [
		{
			"kind": "User",
			"name": "ann",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

test_which_member if {
	found := powerful_role_bound.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2, resource_bad_2_3, resource_bad_2_4]}
	{finding.resource | some finding in found} == {2, 3}
}

test_why if {
	declared := {finding.message | some finding in powerful_role_bound.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2]}}
	declared == {"the role web-operator holds everything, or can give it to itself; it is bound to web"}
	built_in := {finding.message | some finding in powerful_role_bound.findings with input as {"set": [resource_bad_2_4]}}
	built_in == {"the role edit reads Secrets and starts pods in every namespace, kube-system included; it is bound to developers"}
}
