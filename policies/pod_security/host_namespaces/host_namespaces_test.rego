package auditor.pod_security.host_namespaces_test

import data.auditor.pod_security.host_namespaces

test_good_1 if {
	found := host_namespaces.findings with input as {"resource": resource_good_1, "parameters": {}}
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
		"hostNetwork": false,
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
		],
	},
}

test_bad_1 if {
	found := host_namespaces.findings with input as {"resource": resource_bad_1, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.hostNetwork", "spec.template.spec.hostPID"}
}

resource_bad_1 := {
	"apiVersion": "apps/v1",
	"kind": "DaemonSet",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
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
				"hostNetwork": true,
				"hostPID": true,
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

test_bad_2 if {
	found := host_namespaces.findings with input as {"resource": resource_bad_2, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.hostIPC"}
}

resource_bad_2 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"hostIPC": true,
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
		],
	},
}
