package auditor.pod_security.unsafe_sysctl_test

import data.auditor.pod_security.unsafe_sysctl

test_good_1_1 if {
	count(unsafe_sysctl.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"securityContext": {
			"sysctls": [
				{
					"name": "net.ipv4.tcp_syncookies",
					"value": "1",
				},
			],
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
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := unsafe_sysctl.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.securityContext.sysctls[name=kernel.msgmax]"}
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
				"securityContext": {
					"sysctls": [
						{
							"name": "kernel.msgmax",
							"value": "65536",
						},
					],
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
