package auditor.resources.request_over_limit_test

import data.auditor.resources.request_over_limit

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := request_over_limit.findings with input as {"resource": resource, "parameters": {}}
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
								"cpu": "500m",
								"memory": "1024Mi",
								"ephemeral-storage": "1e9",
							},
							"limits": {
								"cpu": 0.5,
								"memory": "1Gi",
								"ephemeral-storage": "1G",
							},
						},
					},
					{
						"name": "later",
						"image": "registry.example.org/shop/later:1.4.2",
						"resources": {
							"requests": {
								"cpu": "10m",
							},
							"limits": {
								"cpu": "${LIMIT}",
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
		found := request_over_limit.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].resources.requests.cpu", "spec.template.spec.containers[name=web].resources.requests.memory", "spec.template.spec.initContainers[name=migrate].resources.requests[\"nvidia.com/gpu\"]", "spec.template.spec.resources.requests.memory"}
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
				"initContainers": [
					{
						"name": "migrate",
						"image": "registry.example.org/shop/migrate:1.4.2",
						"resources": {
							"requests": {
								"nvidia.com/gpu": 2,
							},
							"limits": {
								"nvidia.com/gpu": 1,
							},
						},
					},
				],
				"resources": {
					"requests": {
						"memory": "2Gi",
					},
					"limits": {
						"memory": "1536Mi",
					},
				},
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"resources": {
							"requests": {
								"cpu": "1",
								"memory": "1Gi",
							},
							"limits": {
								"cpu": "900m",
								"memory": "1G",
							},
						},
					},
				],
			},
		},
	},
}
