package auditor.availability.autoscaler_target_missing_test

import data.auditor.availability.autoscaler_target_missing

test_good_1 if {
	found := autoscaler_target_missing.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5], "context": {"environment": "production"}, "parameters": {}}
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

resource_good_1_4 := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "db",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"apiVersion": "apps/v1",
			"kind": "Cluster",
			"name": "db",
		},
		"minReplicas": 2,
		"maxReplicas": 5,
	},
}

resource_good_1_5 := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "web",
		"namespace": "elsewhere",
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

test_bad_1 if {
	found := autoscaler_target_missing.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.scaleTargetRef.name"}
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
			"name": "wbe",
		},
		"minReplicas": 2,
		"maxReplicas": 5,
	},
}

test_bad_2 if {
	found := autoscaler_target_missing.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.scaleTargetRef.name"}
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
