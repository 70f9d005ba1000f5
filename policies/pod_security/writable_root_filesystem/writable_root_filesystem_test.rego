package auditor.pod_security.writable_root_filesystem_test

import data.auditor.pod_security.writable_root_filesystem

test_good_1_1 if {
	count(writable_root_filesystem.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
						"securityContext": {
							"readOnlyRootFilesystem": true,
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
		found := writable_root_filesystem.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.jobTemplate.spec.template.spec.containers[name=web].securityContext.readOnlyRootFilesystem"}
}

resource_bad_1_1 := {
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
						"containers": [
							{
								"name": "web",
								"image": "registry.example.org/shop/web:1.4.2",
							},
						],
					},
				},
			},
		},
	},
}
