package auditor.availability.budget_missing_test

import data.auditor.availability.budget_missing

test_good_1 if {
	found := budget_missing.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5, resource_good_1_6, resource_good_1_7, resource_good_1_8], "context": {"environment": "production"}, "parameters": {}}
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

resource_good_1_2 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"maxUnavailable": 1,
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
		"name": "one",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 1,
		"selector": {
			"matchLabels": {
				"app": "one",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "one",
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
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "default",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"matchLabels": {
				"app": "default",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "default",
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
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "scaled",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
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

resource_good_1_6 := {
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
		"minReplicas": 1,
		"maxReplicas": 5,
	},
}

resource_good_1_7 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "asleep",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "asleep",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "asleep",
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
	"apiVersion": "keda.sh/v1alpha1",
	"kind": "ScaledObject",
	"metadata": {
		"name": "asleep",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"name": "asleep",
		},
		"maxReplicaCount": 5,
	},
}

test_bad_1 if {
	found := budget_missing.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {""}
}

resource_bad_1_1 := {
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

resource_bad_1_2 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "pay",
	},
	"spec": {
		"maxUnavailable": 1,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

test_bad_2 if {
	found := budget_missing.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {""}
}

resource_bad_2_1 := {
	"apiVersion": "apps/v1",
	"kind": "StatefulSet",
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
		"serviceName": "web",
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
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"apiVersion": "apps/v1",
			"kind": "StatefulSet",
			"name": "web",
		},
		"minReplicas": 2,
		"maxReplicas": 5,
	},
}
