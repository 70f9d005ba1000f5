package auditor.availability.autoscaler_without_request_test

import data.auditor.availability.autoscaler_without_request

test_good_1 if {
	found := autoscaler_without_request.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5], "context": {"environment": "production"}, "parameters": {}}
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
						"resources": {
							"requests": {
								"cpu": "100m",
							},
							"limits": {
								"memory": "64Mi",
							},
						},
					},
					{
						"name": "helper",
						"image": "registry.example.org/shop/helper:1.4.2",
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
		"metrics": [
			{
				"type": "ContainerResource",
				"containerResource": {
					"name": "cpu",
					"container": "web",
					"target": {
						"type": "Utilization",
						"averageUtilization": 80,
					},
				},
			},
		],
	},
}

resource_good_1_3 := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "value",
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
		"metrics": [
			{
				"type": "Resource",
				"resource": {
					"name": "memory",
					"target": {
						"type": "Value",
						"averageValue": 80,
					},
				},
			},
		],
	},
}

resource_good_1_4 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "whole",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "whole",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "whole",
				},
			},
			"spec": {
				"resources": {
					"requests": {
						"cpu": "1",
					},
				},
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
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "whole",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"apiVersion": "apps/v1",
			"kind": "Deployment",
			"name": "whole",
		},
		"minReplicas": 2,
		"maxReplicas": 5,
		"metrics": [
			{
				"type": "Resource",
				"resource": {
					"name": "cpu",
					"target": {
						"type": "Utilization",
						"averageUtilization": 80,
					},
				},
			},
		],
	},
}

test_bad_1 if {
	found := autoscaler_without_request.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.metrics[0]"}
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
						"resources": {
							"requests": {
								"cpu": "100m",
							},
						},
					},
					{
						"name": "helper",
						"image": "registry.example.org/shop/helper:1.4.2",
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
		"metrics": [
			{
				"type": "Resource",
				"resource": {
					"name": "cpu",
					"target": {
						"type": "Utilization",
						"averageUtilization": 80,
					},
				},
			},
		],
	},
}

test_bad_2 if {
	found := autoscaler_without_request.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.targetCPUUtilizationPercentage"}
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
	"apiVersion": "autoscaling/v1",
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
		"targetCPUUtilizationPercentage": 80,
	},
}
