package auditor.resources.limit_far_over_request_test

import data.auditor.resources.limit_far_over_request

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := limit_far_over_request.findings with input as {"resource": resource, "parameters": {"ratios": {}}}
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
								"memory": "1Mi",
							},
							"limits": {
								"memory": "64Gi",
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
		found := limit_far_over_request.findings with input as {"resource": resource, "parameters": {"ratios": {"memory": 2, "cpu": 2}}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].resources.limits.memory"}
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
								"memory": "512Mi",
								"cpu": "500m",
							},
							"limits": {
								"memory": "1.5Gi",
								"cpu": 1,
							},
						},
					},
				],
			},
		},
	},
}

test_over_the_ratio if {
	found := limit_far_over_request.findings with input as {"resource": resource_good_1_1, "parameters": {"ratios": {"memory": 2, "cpu": 1}}}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].resources.limits.memory"}
}

test_at_the_ratio if {
	found := limit_far_over_request.findings with input as {"resource": resource_good_1_1, "parameters": {"ratios": {"memory": 65536}}}
	found == set()
}
