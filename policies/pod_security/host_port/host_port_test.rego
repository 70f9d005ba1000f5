package auditor.pod_security.host_port_test

import data.auditor.pod_security.host_port

test_good_1 if {
	found := host_port.findings with input as {"resource": resource_good_1, "parameters": {}}
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
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"ports": [
							{
								"containerPort": 8080,
							},
						],
					},
				],
			},
		},
	},
}

test_bad_1 if {
	found := host_port.findings with input as {"resource": resource_bad_1, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].ports[0].hostPort", "spec.template.spec.containers[name=web].ports[name=metrics].hostPort"}
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
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"ports": [
							{
								"containerPort": 8080,
								"hostPort": 80,
							},
							{
								"name": "metrics",
								"containerPort": 9090,
								"hostPort": 9090,
							},
						],
					},
				],
			},
		},
	},
}
