package auditor.network.policy_allows_all_test

import data.auditor.network.policy_allows_all

test_good_1_1 if {
	count(policy_allows_all.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
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
		"ingress": [
			{
				"from": [
					{
						"namespaceSelector": {
							"matchLabels": {
								"kubernetes.io/metadata.name": "ingress",
							},
						},
					},
				],
			},
			{
				"ports": [
					{
						"port": 8080,
					},
				],
			},
		],
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := policy_allows_all.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.ingress[0]", "spec.ingress[1]"}
}

resource_bad_1_1 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"podSelector": {},
		"ingress": [
			{},
			{
				"from": [
					{
						"ipBlock": {
							"cidr": "0.0.0.0/0",
						},
					},
				],
			},
		],
	},
}
