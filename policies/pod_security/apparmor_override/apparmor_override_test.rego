package auditor.pod_security.apparmor_override_test

import data.auditor.pod_security.apparmor_override

test_good_1 if {
	found := apparmor_override.findings with input as {"resource": resource_good_1, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1 := {
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
					"appArmorProfile": {
						"type": "RuntimeDefault",
					},
				},
			},
		],
	},
}

test_good_2 if {
	found := apparmor_override.findings with input as {"resource": resource_good_2, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_2 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"container.apparmor.security.beta.kubernetes.io/web": "localhost/web",
			"container.apparmor.security.beta.kubernetes.io/log": "",
		},
	},
	"spec": {
		"securityContext": {
			"appArmorProfile": {
				"type": "Localhost",
				"localhostProfile": "web",
			},
		},
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
			{
				"name": "log",
				"image": "registry.example.org/shop/log:2.0.0",
			},
		],
	},
}

test_bad_1 if {
	found := apparmor_override.findings with input as {"resource": resource_bad_1, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].securityContext.appArmorProfile.type"}
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
							"appArmorProfile": {
								"type": "Unconfined",
							},
						},
					},
				],
			},
		},
	},
}

test_bad_2 if {
	found := apparmor_override.findings with input as {"resource": resource_bad_2, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.securityContext.appArmorProfile.type"}
}

resource_bad_2 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"securityContext": {
			"appArmorProfile": {
				"type": "Unconfined",
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

test_bad_3 if {
	found := apparmor_override.findings with input as {"resource": resource_bad_3, "parameters": {}}
	{finding.pointer | some finding in found} == {"metadata.annotations[\"container.apparmor.security.beta.kubernetes.io/web\"]"}
}

resource_bad_3 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"annotations": {
			"container.apparmor.security.beta.kubernetes.io/web": "unconfined",
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
}

test_the_annotation_stands_in_the_template_of_a_deployment if {
	resource := {
		"apiVersion": "apps/v1",
		"kind": "Deployment",
		"metadata": {
			"name": "web",
			"namespace": "shop",
		},
		"spec": {
			"template": {
				"metadata": {
					"annotations": {
						"container.apparmor.security.beta.kubernetes.io/web": "unconfined",
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
	found := apparmor_override.findings with input as {"resource": resource, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.metadata.annotations[\"container.apparmor.security.beta.kubernetes.io/web\"]"}
}

test_the_annotation_stands_in_the_template_of_a_podtemplate if {
	resource := {
		"apiVersion": "v1",
		"kind": "PodTemplate",
		"metadata": {
			"name": "web",
			"namespace": "shop",
		},
		"template": {
			"metadata": {
				"annotations": {
					"container.apparmor.security.beta.kubernetes.io/web": "unconfined",
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
	}
	found := apparmor_override.findings with input as {"resource": resource, "parameters": {}}
	{finding.pointer | some finding in found} == {"template.metadata.annotations[\"container.apparmor.security.beta.kubernetes.io/web\"]"}
}

test_the_annotation_stands_in_the_template_of_a_cronjob if {
	resource := {
		"apiVersion": "batch/v1",
		"kind": "CronJob",
		"metadata": {
			"name": "web",
			"namespace": "shop",
		},
		"spec": {
			"jobTemplate": {
				"spec": {
					"template": {
						"metadata": {
							"annotations": {
								"container.apparmor.security.beta.kubernetes.io/web": "unconfined",
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
	found := apparmor_override.findings with input as {"resource": resource, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.jobTemplate.spec.template.metadata.annotations[\"container.apparmor.security.beta.kubernetes.io/web\"]"}
}

test_the_annotation_stands_in_the_template_of_a_scaledjob if {
	resource := {
		"apiVersion": "keda.sh/v1alpha1",
		"kind": "ScaledJob",
		"metadata": {
			"name": "web",
			"namespace": "shop",
		},
		"spec": {
			"jobTargetRef": {
				"template": {
					"metadata": {
						"annotations": {
							"container.apparmor.security.beta.kubernetes.io/web": "unconfined",
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
	}
	found := apparmor_override.findings with input as {"resource": resource, "context": {"pod": ["spec", "jobTargetRef", "template", "spec"]}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.jobTargetRef.template.metadata.annotations[\"container.apparmor.security.beta.kubernetes.io/web\"]"}
}

test_a_profile_without_a_type_is_not_allowed if {
	resource := {
		"apiVersion": "v1",
		"kind": "Pod",
		"metadata": {
			"name": "web",
			"namespace": "shop",
		},
		"spec": {
			"securityContext": {
				"appArmorProfile": {},
			},
			"containers": [
				{
					"name": "web",
					"image": "registry.example.org/shop/web:1.4.2",
					"securityContext": {
						"appArmorProfile": {
							"type": "${PROFILE}",
						},
					},
				},
			],
		},
	}
	found := apparmor_override.findings with input as {"resource": resource, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.securityContext.appArmorProfile.type"}
}
