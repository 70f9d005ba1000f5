package auditor.images.registry_not_allowed_test

import data.auditor.images.registry_not_allowed

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := registry_not_allowed.findings with input as {"resource": resource, "parameters": {"allowed": []}}
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
					},
				],
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := registry_not_allowed.findings with input as {"resource": resource, "parameters": {"allowed": ["docker.io/library"]}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].image"}
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
					{
						"name": "proxy",
						"image": "nginx:1.29",
					},
				],
			},
		},
	},
}

fired(image, allowed) if {
	resource := {"kind": "Pod", "spec": {"containers": [{"name": "web", "image": image}]}}
	found := registry_not_allowed.findings with input as {"resource": resource, "parameters": {"allowed": allowed}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].image"}
}

test_listed_registry_passes if not fired("registry.example.org/shop/web:1", ["docker.io", "registry.example.org/shop"])

test_whole_registry_passes if not fired("registry.example.org/shop/web:1", ["registry.example.org"])

test_other_registry_fires if fired("registry.example.org/shop/web:1", ["ghcr.io/shop"])

test_port_is_part_of_the_registry if fired("registry.example.org:5000/shop/web:1", ["registry.example.org"])

test_no_registry_is_docker_hub if not fired("nginx", ["docker.io/library/"])

test_path_by_whole_segments if fired("ghcr.io/our-organisation/web", ["ghcr.io/our-org"])

test_host_in_any_case if not fired("GHCR.io/our-org/web", ["ghcr.io/our-org"])

test_name_that_begins_alike_fires if fired("registry.example.org.evil.example/web", ["registry.example.org"])
