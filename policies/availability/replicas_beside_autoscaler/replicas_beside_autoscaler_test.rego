package auditor.availability.replicas_beside_autoscaler_test

import data.auditor.availability.replicas_beside_autoscaler

test_good_1 if {
	found := replicas_beside_autoscaler.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4], "context": {"environment": "production"}, "parameters": {}}
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
		"maxReplicas": 5,
	},
}

resource_good_1_3 := {
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

resource_good_1_4 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "pay",
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

test_bad_1 if {
	found := replicas_beside_autoscaler.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.replicas"}
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
		"maxReplicas": 5,
	},
}

test_bad_2 if {
	found := replicas_beside_autoscaler.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.replicas"}
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
	"apiVersion": "keda.sh/v1alpha1",
	"kind": "ScaledObject",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"name": "web",
		},
		"maxReplicaCount": 5,
	},
}
