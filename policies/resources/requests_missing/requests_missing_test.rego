package auditor.resources.requests_missing_test

import data.auditor.resources.requests_missing

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := requests_missing.findings with input as {"resource": resource, "parameters": {"resources": ["cpu", "memory"]}}
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
								"cpu": "10m",
							},
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
		found := requests_missing.findings with input as {"resource": resource, "parameters": {"resources": ["cpu", "memory"]}}
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
			"requests": {
				"cpu": "100m",
				"memory": "64Mi",
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
		found := requests_missing.findings with input as {"resource": resource, "parameters": {"resources": ["cpu", "memory"]}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].resources.requests.memory"}
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

test_bad_configured if {
	pointers := {finding.pointer |
		found := requests_missing.findings with input as {"resource": resource_bad_configured_1, "parameters": {"resources": ["ephemeral-storage"]}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].resources.requests.ephemeral-storage"}
}

resource_bad_configured_1 := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2", "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}}}]}}}}
