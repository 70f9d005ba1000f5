package auditor.resources.quantity_unreadable_test

import data.auditor.resources.quantity_unreadable

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := quantity_unreadable.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
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
								"cpu": 0.5,
								"memory": "1.5Gi",
							},
							"limits": {
								"cpu": "2",
								"memory": "1e9",
							},
						},
					},
				],
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := quantity_unreadable.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].resources.limits.memory", "spec.template.spec.containers[name=web].resources.requests.cpu", "spec.template.spec.containers[name=web].resources.requests.memory"}
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
								"cpu": "100mcpu",
								"memory": "512MB",
							},
							"limits": {
								"memory": "1 Gi",
							},
						},
					},
				],
			},
		},
	},
}
