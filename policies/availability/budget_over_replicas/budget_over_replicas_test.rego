package auditor.availability.budget_over_replicas_test

import data.auditor.availability.budget_over_replicas

test_good_1 if {
	found := budget_over_replicas.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5, resource_good_1_6, resource_good_1_7, resource_good_1_8, resource_good_1_9, resource_good_1_10, resource_good_1_11, resource_good_1_12], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 3,
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

resource_good_1_2 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

resource_good_1_3 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "half",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "half",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "half",
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

resource_good_1_4 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "half",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": "50%",
		"selector": {
			"matchLabels": {
				"app": "half",
			},
		},
	},
}

resource_good_1_5 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "zero",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 0,
		"selector": {
			"matchLabels": {
				"app": "zero",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "zero",
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

resource_good_1_6 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "zero",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {
				"app": "zero",
			},
		},
	},
}

resource_good_1_7 := {
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

resource_good_1_8 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "agent",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {
				"app": "agent",
			},
		},
	},
}

resource_good_1_9 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "scaled",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 1,
		"selector": {
			"matchLabels": {
				"app": "scaled",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "scaled",
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

resource_good_1_10 := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "scaled",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"apiVersion": "apps/v1",
			"kind": "Deployment",
			"name": "scaled",
		},
		"minReplicas": 3,
		"maxReplicas": 5,
	},
}

resource_good_1_11 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "scaled",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {
				"app": "scaled",
			},
		},
	},
}

resource_good_1_12 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "other",
		"namespace": "shop",
	},
	"spec": {
		"maxUnavailable": 1,
		"selector": {
			"matchLabels": {
				"app": "other",
			},
		},
	},
}

test_bad_1 if {
	found := budget_over_replicas.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.minAvailable"}
}

resource_bad_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
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

resource_bad_1_2 := {
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

test_bad_2 if {
	found := budget_over_replicas.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.minAvailable"}
}

resource_bad_2_1 := {
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

resource_bad_2_2 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": "51%",
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

test_bad_3 if {
	found := budget_over_replicas.findings with input as {"set": [resource_bad_3_1, resource_bad_3_2, resource_bad_3_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.minAvailable"}
}

resource_bad_3_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 5,
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
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"apiVersion": "apps/v1",
			"kind": "Deployment",
			"name": "web",
		},
		"minReplicas": 2,
		"maxReplicas": 9,
	},
}

resource_bad_3_3 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}
