package auditor.pod_security.seccomp_profile_missing_test

import data.auditor.pod_security.seccomp_profile_missing

test_good_1 if {
	found := seccomp_profile_missing.findings with input as {"resource": resource_good_1, "parameters": {}}
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

test_good_2 if {
	found := seccomp_profile_missing.findings with input as {"resource": resource_good_2, "parameters": {}}
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

test_good_3 if {
	found := seccomp_profile_missing.findings with input as {"resource": resource_good_3, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_3 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"os": {
			"name": "windows",
		},
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
		],
	},
}

test_bad_1 if {
	found := seccomp_profile_missing.findings with input as {"resource": resource_bad_1, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].securityContext.seccompProfile.type"}
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
					},
				],
			},
		},
	},
}
