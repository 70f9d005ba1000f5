package auditor.pod_security.selinux_options_test

import data.auditor.pod_security.selinux_options

test_good_1_1 if {
	count(selinux_options.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
					"seLinuxOptions": {
						"type": "container_t",
						"level": "s0:c1,c2",
					},
				},
			},
		],
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := selinux_options.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].securityContext.seLinuxOptions.type", "spec.template.spec.securityContext.seLinuxOptions.user"}
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
					"seLinuxOptions": {
						"user": "system_u",
					},
				},
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"securityContext": {
							"seLinuxOptions": {
								"type": "spc_t",
							},
						},
					},
				],
			},
		},
	},
}
