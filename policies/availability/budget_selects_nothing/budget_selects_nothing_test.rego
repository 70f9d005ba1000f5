package auditor.availability.budget_selects_nothing_test

import data.auditor.availability.budget_selects_nothing

test_good_1 if {
	found := budget_selects_nothing.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5, resource_good_1_6, resource_good_1_7], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
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
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "all",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {},
		},
	},
}

resource_good_1_4 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "db",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {
				"cnpg.io/cluster": "db",
			},
		},
	},
}

resource_good_1_5 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "chart",
		"namespace": "pay",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

resource_good_1_6 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "pay",
		"namespace": "pay",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "pay",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "pay",
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

resource_good_1_7 := {
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

test_bad_1 if {
	found := budget_selects_nothing.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.selector"}
}

resource_bad_1_1 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {
				"app": "wbe",
			},
		},
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

test_bad_2 if {
	found := budget_selects_nothing.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.selector"}
}

resource_bad_2_1 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchExpressions": [
				{
					"key": "app",
					"operator": "NotIn",
					"values": [
						"web",
					],
				},
			],
		},
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
