package auditor.pod_security.seccomp_profile_missing_test

import data.auditor.pod_security.seccomp_profile_missing

test_good_1_1 if {
	count(seccomp_profile_missing.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
	count(seccomp_profile_missing.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
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
				"securityContext": {
					"seccompProfile": {
						"type": "Localhost",
						"localhostProfile": "web.json",
					},
				},
			},
		],
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := seccomp_profile_missing.findings with input as {"resource": resource, "parameters": {}}
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
					},
				],
			},
		},
	},
}
