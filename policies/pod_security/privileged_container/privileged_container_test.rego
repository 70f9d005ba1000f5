package auditor.pod_security.privileged_container_test

import data.auditor.pod_security.privileged_container

test_good_1 if {
	found := privileged_container.findings with input as {"resource": resource_good_1, "parameters": {}}
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
							"privileged": false,
						},
					},
				],
			},
		},
	},
}

test_good_2 if {
	found := privileged_container.findings with input as {"resource": resource_good_2, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_2 := {
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
			},
		],
	},
}

test_bad_1 if {
	found := privileged_container.findings with input as {"resource": resource_bad_1, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].securityContext.privileged"}
}

resource_bad_1 := {
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
							"privileged": true,
						},
					},
				],
			},
		},
	},
}

test_bad_2 if {
	found := privileged_container.findings with input as {"resource": resource_bad_2, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.jobTemplate.spec.template.spec.ephemeralContainers[name=debug].securityContext.privileged", "spec.jobTemplate.spec.template.spec.initContainers[name=sysctl].securityContext.privileged"}
}

resource_bad_2 := {
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
								"name": "sysctl",
								"image": "busybox:1.37",
								"securityContext": {
									"privileged": true,
								},
							},
						],
						"ephemeralContainers": [
							{
								"name": "debug",
								"image": "busybox:1.37",
								"securityContext": {
									"privileged": true,
								},
							},
						],
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

test_bad_3 if {
	found := privileged_container.findings with input as {"resource": resource_bad_3, "parameters": {}}
	{finding.pointer | some finding in found} == {"template.spec.containers[name=web].securityContext.privileged"}
}

resource_bad_3 := {
	"apiVersion": "v1",
	"kind": "PodTemplate",
	"metadata": {
		"name": "web",
		"namespace": "shop",
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
						"privileged": true,
					},
				},
			],
		},
	},
}

test_bad_4 if {
	found := privileged_container.findings with input as {"resource": resource_bad_4, "context": {"pod": ["spec", "jobTargetRef", "template", "spec"]}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.jobTargetRef.template.spec.containers[name=web].securityContext.privileged"}
}

resource_bad_4 := {
	"apiVersion": "keda.sh/v1alpha1",
	"kind": "ScaledJob",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"jobTargetRef": {
			"template": {
				"spec": {
					"containers": [
						{
							"name": "web",
							"image": "registry.example.org/shop/web:1.4.2",
							"securityContext": {
								"privileged": true,
							},
						},
					],
				},
			},
		},
	},
}
