package auditor.rbac.everyone_binding_test

import data.auditor.rbac.everyone_binding

test_good_1_1 if {
	count(everyone_binding.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"metadata": {
		"name": "system-public-info-viewer-binding",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "ClusterRole",
		"name": "system:public-info-viewer",
	},
	"subjects": [
		{
			"kind": "Group",
			"apiGroup": "rbac.authorization.k8s.io",
			"name": "system:unauthenticated",
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := everyone_binding.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"subjects[name=system:authenticated]"}
}

resource_bad_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"metadata": {
		"name": "view-binding",
	},
	"roleRef": {
		"apiGroup": "rbac.authorization.k8s.io",
		"kind": "ClusterRole",
		"name": "view",
	},
	"subjects": [
		{
			"kind": "Group",
			"apiGroup": "rbac.authorization.k8s.io",
			"name": "system:authenticated",
		},
	],
}
