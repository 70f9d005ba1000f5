package auditor.network.policy_allows_all_test

import data.auditor.network.policy_allows_all

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2]
		found := policy_allows_all.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "deny",
		"namespace": "shop",
	},
	"spec": {
		"podSelector": {},
		"ingress": [
			{
				"ports": [
					{
						"port": 8080,
					},
				],
			},
			{
				"from": [
					{
						"podSelector": {
							"matchLabels": {
								"app": "web",
							},
						},
					},
					{
						"namespaceSelector": {},
						"podSelector": {
							"matchLabels": {
								"app": "scraper",
							},
						},
					},
					{
						"namespaceSelector": {
							"matchLabels": {
								"team": "shop",
							},
						},
					},
					{
						"ipBlock": {
							"cidr": "192.0.2.0/24",
						},
					},
					{
						"ipBlock": {
							"cidr": "0.0.0.0/0",
							"except": [
								"10.0.0.0/8",
							],
						},
					},
				],
			},
		],
		"egress": [
			{},
		],
	},
}

resource_good_1_2 := {
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

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := policy_allows_all.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.ingress[0]", "spec.ingress[1]", "spec.ingress[2]", "spec.ingress[3]"}
}

resource_bad_1_1 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "deny",
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
							"cidr": "::/0",
						},
					},
				],
			},
			{
				"from": [
					{
						"namespaceSelector": {},
					},
				],
			},
			{
				"from": [],
			},
		],
	},
}

test_whom_it_lets_in if {
	resource := {"kind": "NetworkPolicy", "spec": {"ingress": [{}, {"from": [{"namespaceSelector": {}}]}]}}
	found := policy_allows_all.findings with input as {"resource": resource, "parameters": {}}
	{finding.message | some finding in found} == {"ingress rule 0 lets in everybody", "ingress rule 1 lets in every pod of the cluster"}
}
