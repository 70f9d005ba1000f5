package auditor.pod_security.seccomp_unconfined_test

import data.auditor.pod_security.seccomp_unconfined

test_good_1_1 if {
	count(seccomp_unconfined.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
				"securityContext": {
					"seccompProfile": {
						"type": "RuntimeDefault",
					},
				},
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

test_good_2_1 if {
	count(seccomp_unconfined.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
}

resource_good_2_1 := {
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
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := seccomp_unconfined.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].securityContext.seccompProfile.type"}
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
							"seccompProfile": {
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
		found := seccomp_unconfined.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.securityContext.seccompProfile.type"}
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
			"seccompProfile": {
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
