package auditor.pod_security.writable_root_filesystem_test

import data.auditor.pod_security.writable_root_filesystem

test_good_1 if {
	found := writable_root_filesystem.findings with input as {"resource": resource_good_1, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1 := {
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
	found := writable_root_filesystem.findings with input as {"resource": resource_bad_1, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.jobTemplate.spec.template.spec.containers[name=web].securityContext.readOnlyRootFilesystem"}
}

resource_bad_1 := {
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

test_what_is_filled_in_later_is_not_judged if {
	resource := {
		"apiVersion": "v1",
		"kind": "Pod",
		"metadata": {
			"name": "web",
			"namespace": "shop",
		},
		"spec": {
			"containers": [
				{
					"name": "web",
					"image": "registry.example.org/shop/web:1.4.2",
					"securityContext": {
						"readOnlyRootFilesystem": "${READ_ONLY}",
					},
				},
			],
		},
	}
	found := writable_root_filesystem.findings with input as {"resource": resource, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}
