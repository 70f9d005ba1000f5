package auditor.rbac.cluster_admin_binding_test

import data.auditor.rbac.cluster_admin_binding

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := cluster_admin_binding.findings with input as {"resource": resource, "parameters": {}}
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

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := cluster_admin_binding.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"subjects[name=web]"}
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
		"name": "cluster-admin",
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
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := cluster_admin_binding.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"subjects[name=operators]"}
}

resource_bad_2_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "RoleBinding",
	"metadata": {
		"name": "web",
		"namespace": "shop",
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

test_how_far_it_reaches if {
	said := {kind: {finding.message | some finding in found} |
		some kind in ["ClusterRoleBinding", "RoleBinding"]
		resource := {"kind": kind, "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}, "subjects": [{"kind": "User", "name": "ann"}]}
		found := cluster_admin_binding.findings with input as {"resource": resource, "parameters": {}}
	}
	said == {
		"ClusterRoleBinding": {"User ann is bound to cluster-admin"},
		"RoleBinding": {"User ann is bound to cluster-admin within the namespace"},
	}
}
