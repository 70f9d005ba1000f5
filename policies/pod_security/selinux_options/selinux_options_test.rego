package auditor.pod_security.selinux_options_test

import data.auditor.pod_security.selinux_options

test_good_1 if {
	found := selinux_options.findings with input as {"resource": resource_good_1, "parameters": {"kubernetes_version": "1.37"}}
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
					"seLinuxOptions": {
						"type": "container_t",
						"level": "s0:c1,c2",
					},
				},
			},
		],
	},
}

test_good_2 if {
	found := selinux_options.findings with input as {"resource": resource_good_2, "parameters": {"kubernetes_version": "1.37"}}
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
		"securityContext": {
			"seLinuxOptions": {
				"type": "container_engine_t",
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

test_bad_1 if {
	found := selinux_options.findings with input as {"resource": resource_bad_1, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].securityContext.seLinuxOptions.type", "spec.template.spec.securityContext.seLinuxOptions.user"}
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

test_container_engine_t_is_new_in_1_31 if {
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
						"seLinuxOptions": {
							"type": "container_engine_t",
						},
					},
				},
			],
		},
	}
	found := selinux_options.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.30"}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].securityContext.seLinuxOptions.type"}
}

test_container_engine_t_is_allowed_from_1_31 if {
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
						"seLinuxOptions": {
							"type": "container_engine_t",
						},
					},
				},
			],
		},
	}
	found := selinux_options.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.31"}}
	{finding.pointer | some finding in found} == set()
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := selinux_options.findings with input as {"resource": resource_bad_configured_1, "parameters": {"kubernetes_version": "1.30"}}
		some finding in found
	}
	pointers == {"spec.securityContext.seLinuxOptions.type"}
}

resource_bad_configured_1 := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"securityContext": {"seLinuxOptions": {"type": "container_engine_t"}}, "containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2"}]}}
