package auditor.pod_security.capabilities_not_dropped_test

import data.auditor.pod_security.capabilities_not_dropped

test_good_1 if {
	found := capabilities_not_dropped.findings with input as {"resource": resource_good_1, "parameters": {}}
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
						"securityContext": {
							"capabilities": {
								"drop": [
									"ALL",
								],
								"add": [
									"NET_BIND_SERVICE",
								],
							},
						},
					},
				],
			},
		},
	},
}

test_bad_1 if {
	found := capabilities_not_dropped.findings with input as {"resource": resource_bad_1, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].securityContext.capabilities.drop"}
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
						"securityContext": {
							"capabilities": {
								"drop": [
									"NET_RAW",
								],
							},
						},
					},
				],
			},
		},
	},
}

test_bad_2 if {
	found := capabilities_not_dropped.findings with input as {"resource": resource_bad_2, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].securityContext.capabilities.add"}
}

resource_bad_2 := {
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
					"capabilities": {
						"drop": [
							"ALL",
						],
						"add": [
							"CHOWN",
						],
					},
				},
			},
		],
	},
}
