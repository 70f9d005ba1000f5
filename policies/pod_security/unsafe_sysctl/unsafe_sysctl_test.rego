package auditor.pod_security.unsafe_sysctl_test

import data.auditor.pod_security.unsafe_sysctl

test_good_1 if {
	found := unsafe_sysctl.findings with input as {"resource": resource_good_1, "parameters": {"kubernetes_version": "1.37"}}
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

test_good_2 if {
	found := unsafe_sysctl.findings with input as {"resource": resource_good_2, "parameters": {"kubernetes_version": "1.37"}}
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
			"sysctls": [
				{
					"name": "net.ipv4.tcp_rmem",
					"value": "4096 131072 6291456",
				},
				{
					"name": "net.ipv4.tcp_notsent_lowat",
					"value": "131072",
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
	found := unsafe_sysctl.findings with input as {"resource": resource_bad_1, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == {"spec.template.spec.securityContext.sysctls[name=kernel.msgmax]"}
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

test_net_ipv4_ip_local_reserved_ports_in_1_26 if {
	resource := {
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
						"name": "net.ipv4.ip_local_reserved_ports",
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
	found := unsafe_sysctl.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.26"}}
	{finding.pointer | some finding in found} == {"spec.securityContext.sysctls[name=net.ipv4.ip_local_reserved_ports]"}
}

test_net_ipv4_ip_local_reserved_ports_in_1_27 if {
	resource := {
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
						"name": "net.ipv4.ip_local_reserved_ports",
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
	found := unsafe_sysctl.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.27"}}
	{finding.pointer | some finding in found} == set()
}

test_net_ipv4_tcp_keepalive_time_in_1_28 if {
	resource := {
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
						"name": "net.ipv4.tcp_keepalive_time",
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
	found := unsafe_sysctl.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.28"}}
	{finding.pointer | some finding in found} == {"spec.securityContext.sysctls[name=net.ipv4.tcp_keepalive_time]"}
}

test_net_ipv4_tcp_keepalive_time_in_1_29 if {
	resource := {
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
						"name": "net.ipv4.tcp_keepalive_time",
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
	found := unsafe_sysctl.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.29"}}
	{finding.pointer | some finding in found} == set()
}

test_net_ipv4_tcp_wmem_in_1_31 if {
	resource := {
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
						"name": "net.ipv4.tcp_wmem",
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
	found := unsafe_sysctl.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.31"}}
	{finding.pointer | some finding in found} == {"spec.securityContext.sysctls[name=net.ipv4.tcp_wmem]"}
}

test_net_ipv4_tcp_wmem_in_1_32 if {
	resource := {
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
						"name": "net.ipv4.tcp_wmem",
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
	found := unsafe_sysctl.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.32"}}
	{finding.pointer | some finding in found} == set()
}

test_net_ipv4_tcp_slow_start_after_idle_in_1_36 if {
	resource := {
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
						"name": "net.ipv4.tcp_slow_start_after_idle",
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
	found := unsafe_sysctl.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.36"}}
	{finding.pointer | some finding in found} == {"spec.securityContext.sysctls[name=net.ipv4.tcp_slow_start_after_idle]"}
}

test_net_ipv4_tcp_slow_start_after_idle_in_1_37 if {
	resource := {
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
						"name": "net.ipv4.tcp_slow_start_after_idle",
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
	found := unsafe_sysctl.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == set()
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := unsafe_sysctl.findings with input as {"resource": resource_bad_configured_1, "parameters": {"kubernetes_version": "1.31"}}
		some finding in found
	}
	pointers == {"spec.template.spec.securityContext.sysctls[name=net.ipv4.tcp_rmem]"}
}

resource_bad_configured_1 := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_rmem", "value": "4096 87380 6291456"}]}, "containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2"}]}}}}
