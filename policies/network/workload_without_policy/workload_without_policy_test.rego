package auditor.network.workload_without_policy_test

import data.auditor.network.workload_without_policy

test_good_1 if {
	found := workload_without_policy.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5], "context": {"environment": "production"}, "parameters": {}}
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
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_1_3 := {
	"apiVersion": "apps/v1",
	"kind": "DaemonSet",
	"metadata": {
		"name": "agent",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"matchLabels": {
				"app": "agent",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "agent",
				},
			},
			"spec": {
				"hostNetwork": true,
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_1_4 := {
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {
		"name": "once",
		"namespace": "shop",
	},
	"spec": {
		"template": {
			"metadata": {
				"labels": {
					"app": "once",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_1_5 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "deny",
		"namespace": "shop",
	},
	"spec": {
		"podSelector": {
			"matchExpressions": [
				{
					"key": "app",
					"operator": "In",
					"values": [
						"web",
						"api",
					],
				},
			],
		},
		"policyTypes": [
			"Ingress",
		],
	},
}

test_good_2 if {
	found := workload_without_policy.findings with input as {"set": [resource_good_2_1, resource_good_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_2_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_2_2 := {
	"apiVersion": "cilium.io/v2",
	"kind": "CiliumNetworkPolicy",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"endpointSelector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"ingress": [
			{},
		],
	},
}

test_good_3 if {
	found := workload_without_policy.findings with input as {"set": [resource_good_3_1, resource_good_3_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_3_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_3_2 := {
	"apiVersion": "cilium.io/v2",
	"kind": "CiliumNetworkPolicy",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"specs": [
		{
			"endpointSelector": {},
			"ingress": [],
		},
	],
}

test_good_4 if {
	found := workload_without_policy.findings with input as {"set": [resource_good_4_1, resource_good_4_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_4_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_4_2 := {
	"apiVersion": "cilium.io/v2",
	"kind": "CiliumClusterwideNetworkPolicy",
	"metadata": {
		"name": "all",
	},
	"spec": {
		"endpointSelector": {},
	},
}

test_good_5 if {
	found := workload_without_policy.findings with input as {"set": [resource_good_5_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_5_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

test_good_6 if {
	found := workload_without_policy.findings with input as {"set": [resource_good_6_1, resource_good_6_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_6_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_6_2 := {
	"apiVersion": "projectcalico.org/v3",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "all",
		"namespace": "shop",
	},
	"spec": {
		"selector": "all()",
	},
}

test_bad_1 if {
	found := workload_without_policy.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2, resource_bad_1_3], "context": {"environment": "production"}, "parameters": {}}
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
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_bad_1_3 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "api",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "api",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "api",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

test_bad_2 if {
	found := workload_without_policy.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2, resource_bad_2_3, resource_bad_2_4, resource_bad_2_5], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {""}
}

resource_bad_2_1 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "shop",
	},
}

resource_bad_2_2 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_bad_2_3 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "api",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "api",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "api",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_bad_2_4 := {
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

resource_bad_2_5 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "out",
		"namespace": "shop",
	},
	"spec": {
		"podSelector": {
			"matchLabels": {
				"app": "api",
			},
		},
		"policyTypes": [
			"Egress",
		],
	},
}

test_bad_3 if {
	found := workload_without_policy.findings with input as {"set": [resource_bad_3_1, resource_bad_3_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {""}
}

resource_bad_3_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_bad_3_2 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "deny",
		"namespace": "pay",
	},
	"spec": {
		"podSelector": {},
		"policyTypes": [
			"Ingress",
		],
	},
}

test_bad_4 if {
	found := workload_without_policy.findings with input as {"set": [resource_bad_4_1, resource_bad_4_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {""}
}

resource_bad_4_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_bad_4_2 := {
	"apiVersion": "cilium.io/v2",
	"kind": "CiliumNetworkPolicy",
	"metadata": {
		"name": "out",
		"namespace": "shop",
	},
	"spec": {
		"endpointSelector": {},
		"egress": [
			{},
		],
	},
}

test_bad_5 if {
	found := workload_without_policy.findings with input as {"set": [resource_bad_5_1, resource_bad_5_2, resource_bad_5_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {""}
}

resource_bad_5_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_bad_5_2 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "api",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "api",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "api",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_bad_5_3 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {
		"name": "deny",
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

test_on_which_member if {
	none := workload_without_policy.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2, resource_bad_1_3]}
	{finding.resource | some finding in none} == {0}
	some_policy := workload_without_policy.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2, resource_bad_2_3, resource_bad_2_4, resource_bad_2_5]}
	{finding.resource | some finding in some_policy} == {2}
}
