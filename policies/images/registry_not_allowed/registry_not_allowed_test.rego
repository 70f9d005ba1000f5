package auditor.images.registry_not_allowed_test

import data.auditor.images.registry_not_allowed

test_good_1_1 if {
	count(registry_not_allowed.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {"allowed": []}}
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

test_listed_registry_passes if {
	found := registry_not_allowed.findings with input as {
		"resource": resource_good_1_1,
		"parameters": {"allowed": ["docker.io", "registry.example.org/shop"]},
	}
	count(found) == 0
}

test_other_registry_fires if {
	found := registry_not_allowed.findings with input as {
		"resource": resource_good_1_1,
		"parameters": {"allowed": ["ghcr.io/shop"]},
	}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].image"}
}

test_whole_registry_passes if {
	found := registry_not_allowed.findings with input as {
		"resource": resource_good_1_1,
		"parameters": {"allowed": ["registry.example.org"]},
	}
	count(found) == 0
}
