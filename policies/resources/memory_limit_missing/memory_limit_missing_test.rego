package auditor.resources.memory_limit_missing_test

import data.auditor.resources.memory_limit_missing

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := memory_limit_missing.findings with input as {"resource": resource, "parameters": {"resources": ["memory"]}}
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
							"limits": {
								"memory": "128Mi",
							},
						},
					},
				],
			},
		},
	},
}

test_good_2 if {
	pointers := {finding.pointer |
		some resource in [resource_good_2_1]
		found := memory_limit_missing.findings with input as {"resource": resource, "parameters": {"resources": ["memory"]}}
		some finding in found
	}
	pointers == set()
}

resource_good_2_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"labels": {
			"app": "web",
		},
	},
	"spec": {
		"resources": {
			"limits": {
				"memory": "1Gi",
			},
		},
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
		],
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := memory_limit_missing.findings with input as {"resource": resource, "parameters": {"resources": ["memory"]}}
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
								"cpu": "10m",
							},
						},
					},
				],
			},
		},
	},
}

test_asked_for_more if {
	found := memory_limit_missing.findings with input as {"resource": resource_good_1_1, "parameters": {"resources": ["cpu", "memory", "ephemeral-storage"]}}
	{finding.pointer | some finding in found} == {
		"spec.template.spec.containers[name=web].resources.limits.cpu",
		"spec.template.spec.containers[name=web].resources.limits.ephemeral-storage",
	}
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := memory_limit_missing.findings with input as {"resource": resource_bad_configured_1, "parameters": {"resources": ["cpu"]}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].resources.limits.cpu"}
}

resource_bad_configured_1 := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2", "resources": {"limits": {"memory": "64Mi"}}}]}}}}
