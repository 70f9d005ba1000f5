package auditor.rbac.subject_missing_test

import data.auditor.rbac.subject_missing

test_good_1 if {
	found := subject_missing.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5, resource_good_1_6], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
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
			"kind": "ServiceAccount",
			"name": "default",
			"namespace": "shop",
		},
		{
			"kind": "ServiceAccount",
			"name": "other",
			"namespace": "elsewhere",
		},
		{
			"kind": "ServiceAccount",
			"name": "made-by-chart",
			"namespace": "pay",
		},
		{
			"kind": "ServiceAccount",
			"name": "made-by-chart",
			"namespace": "storage",
		},
		{
			"kind": "User",
			"name": "ann",
			"apiGroup": "rbac.authorization.k8s.io",
		},
	],
}

resource_good_1_2 := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
}

resource_good_1_3 := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {
		"name": "pay",
		"namespace": "pay",
	},
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

resource_good_1_5 := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {
		"name": "storage",
		"namespace": "storage",
	},
}

resource_good_1_6 := {
	"apiVersion": "helm.fluxcd.io/v1",
	"kind": "HelmRelease",
	"metadata": {
		"name": "chart",
		"namespace": "storage",
	},
	"spec": {
		"releaseName": "chart",
	},
}

test_bad_1 if {
	found := subject_missing.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"subjects[name=wbe]"}
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
			"kind": "ServiceAccount",
			"name": "wbe",
			"namespace": "shop",
		},
	],
}

resource_bad_1_2 := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
}
