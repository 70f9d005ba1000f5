package auditor.rbac.masters_binding_test

import data.auditor.rbac.masters_binding

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2]
		found := masters_binding.findings with input as {"resource": resource, "parameters": {}}
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
			"kind": "Group",
			"name": "operators",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

resource_good_1_2 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"metadata": {
		"name": "cluster-admin",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "ClusterRole",
		"name": "cluster-admin",
	},
	"subjects": [
		{
			"kind": "Group",
			"name": "system:masters",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := masters_binding.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"subjects[name=system:masters]"}
}

resource_bad_1_1 := {
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
			"kind": "Group",
			"name": "system:masters",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}
