package auditor.network.no_default_deny_test

import data.auditor.network.no_default_deny

test_good_1 if {
	found := no_default_deny.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "shop",
	},
}

resource_good_1_2 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "pay",
	},
}

resource_good_1_3 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "deny",
		"namespace": "shop",
	},
	"spec": {
		"podSelector": {},
		"policyTypes": [
			"Ingress",
		],
	},
}

resource_good_1_4 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"podSelector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"policyTypes": [
			"Ingress",
		],
	},
}

test_bad_1 if {
	found := no_default_deny.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2, resource_bad_1_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {""}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "shop",
	},
}

resource_bad_1_2 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "deny",
		"namespace": "shop",
	},
	"spec": {
		"podSelector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"policyTypes": [
			"Ingress",
		],
	},
}

resource_bad_1_3 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "egress",
		"namespace": "shop",
	},
	"spec": {
		"podSelector": {},
		"policyTypes": [
			"Egress",
		],
	},
}
