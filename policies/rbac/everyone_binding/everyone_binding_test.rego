package auditor.rbac.everyone_binding_test

import data.auditor.rbac.everyone_binding

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2]
		found := everyone_binding.findings with input as {"resource": resource, "parameters": {}}
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
			"name": "developers",
			"apiGroup": "rbac.authorization.k8s.io",
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
		"name": "system:public-info-viewer",
	},
	"subjects": [
		{
			"kind": "Group",
			"name": "system:unauthenticated",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := everyone_binding.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"subjects[name=system:anonymous]", "subjects[name=system:authenticated]"}
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
			"name": "system:authenticated",
			"apiGroup": "rbac.authorization.k8s.io",
		},
		{
			"kind": "User",
			"name": "system:anonymous",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}
