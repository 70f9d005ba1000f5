package auditor.rbac.wildcard_test

import data.auditor.rbac.wildcard

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "web",
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
				"get",
				"list",
			],
		},
		{
			"apiGroups": [
				"",
			],
			"resources": [
				"configmaps",
			],
			"verbs": [
				"*",
			],
			"resourceNames": [
				"leader",
			],
		},
	],
}

test_good_2 if {
	pointers := {finding.pointer |
		some resource in [resource_good_2_1]
		found := wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_2_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "web",
	},
	"aggregationRule": {
		"clusterRoleSelectors": [
			{
				"matchLabels": {
					"shop.example.org/aggregate": "true",
				},
			},
		],
	},
	"rules": [],
}

test_good_3 if {
	pointers := {finding.pointer |
		some resource in [resource_good_3_1]
		found := wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_3_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "web",
	},
	"rules": [
		{
			"apiGroups": [
				"monitoring.coreos.com",
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

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"rules[0].resources", "rules[0].verbs", "rules[1].verbs", "rules[2].nonResourceURLs"}
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
				"*",
			],
			"verbs": [
				"*",
			],
		},
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
		{
			"nonResourceURLs": [
				"*",
			],
			"verbs": [
				"get",
			],
		},
	],
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"aggregationRule.clusterRoleSelectors[0]"}
}

resource_bad_2_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {
		"name": "web",
	},
	"aggregationRule": {
		"clusterRoleSelectors": [
			{},
		],
	},
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"rules[0].resources", "rules[1].resources", "rules[2].resources"}
}

resource_bad_3_1 := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "Role",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"rules": [
		{
			"apiGroups": [
				"kustomize.toolkit.fluxcd.io",
			],
			"resources": [
				"*",
			],
			"verbs": [
				"create",
			],
		},
		{
			"apiGroups": [
				"monitoring.coreos.com",
				"apps",
			],
			"resources": [
				"*",
			],
			"verbs": [
				"get",
			],
		},
		{
			"apiGroups": [],
			"resources": [
				"*",
			],
			"verbs": [
				"get",
			],
		},
	],
}
