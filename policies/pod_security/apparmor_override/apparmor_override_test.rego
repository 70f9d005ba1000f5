package auditor.pod_security.apparmor_override_test

import data.auditor.pod_security.apparmor_override

test_good_1_1 if {
	count(apparmor_override.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
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

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := apparmor_override.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].securityContext.appArmorProfile.type"}
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
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := apparmor_override.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.securityContext.appArmorProfile.type"}
}

resource_bad_2_1 := {
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
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := apparmor_override.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"metadata.annotations[\"container.apparmor.security.beta.kubernetes.io/web\"]"}
}

resource_bad_3_1 := {
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
