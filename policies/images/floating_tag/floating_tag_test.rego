package auditor.images.floating_tag_test

import data.auditor.images.floating_tag

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := floating_tag.findings with input as {"resource": resource, "parameters": {}}
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
						"image": "registry.example.org:5000/shop/web:1.4.2",
					},
					{
						"name": "proxy",
						"image": "nginx@sha256:0f9d1cc32b6a0e1d4a2b8b8f9d1b2c3d4e5f60718293a4b5c6d7e8f901234567",
					},
					{
						"name": "pinned",
						"image": "nginx:latest@sha256:0f9d1cc32b6a0e1d4a2b8b8f9d1b2c3d4e5f60718293a4b5c6d7e8f901234567",
					},
					{
						"name": "later",
						"image": "registry.example.org/shop/${APP}",
					},
					{
						"name": "local",
						"image": "localhost/web:2",
					},
					{
						"name": "upper",
						"image": "Registry.Example.org/web:2.0-main",
					},
					{
						"name": "six",
						"image": "[2001:db8::1]:5000/web:3",
					},
				],
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := floating_tag.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=proxy].image", "spec.template.spec.containers[name=six].image", "spec.template.spec.containers[name=web].image"}
}

resource_bad_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "StatefulSet",
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
		"serviceName": "web",
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
						"image": "registry.example.org:5000/shop/web",
					},
					{
						"name": "proxy",
						"image": "nginx:latest",
					},
					{
						"name": "six",
						"image": "[2001:db8::1]:5000/web",
					},
				],
			},
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := floating_tag.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.jobTemplate.spec.template.spec.containers[name=web].image", "spec.jobTemplate.spec.template.spec.initContainers[name=migrate].image"}
}

resource_bad_2_1 := {
	"apiVersion": "batch/v1",
	"kind": "CronJob",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"schedule": "0 3 * * *",
		"jobTemplate": {
			"spec": {
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
								"image": "localhost:5000/migrate:main",
							},
						],
						"containers": [
							{
								"name": "web",
								"image": "index.docker.io/library/nginx:Stable",
							},
						],
					},
				},
			},
		},
	},
}
