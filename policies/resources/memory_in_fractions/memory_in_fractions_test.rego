package auditor.resources.memory_in_fractions_test

import data.auditor.resources.memory_in_fractions

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := memory_in_fractions.findings with input as {"resource": resource, "parameters": {}}
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
								"memory": "512M",
							},
							"limits": {
								"memory": 1073741824,
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
		found := memory_in_fractions.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].resources.limits.ephemeral-storage", "spec.template.spec.containers[name=web].resources.requests.memory"}
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
								"memory": "512m",
							},
							"limits": {
								"memory": "512Mi",
								"ephemeral-storage": "1.5m",
							},
						},
					},
				],
			},
		},
	},
}
