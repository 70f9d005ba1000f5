package auditor.network.target_port_unknown_test

import data.auditor.network.target_port_unknown

test_good_1 if {
	found := target_port_unknown.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"app": "web",
		},
		"ports": [
			{
				"name": "http",
				"port": 80,
				"targetPort": "http",
			},
			{
				"port": 81,
				"targetPort": 8081,
			},
		],
	},
}

resource_good_1_2 := {
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
								"name": "http",
								"containerPort": 8080,
							},
						],
					},
				],
			},
		},
	},
}

resource_good_1_3 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "none",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"app": "none",
		},
		"ports": [
			{
				"port": 80,
				"targetPort": "http",
			},
		],
	},
}

test_bad_1 if {
	found := target_port_unknown.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.ports[name=http].targetPort"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"app": "web",
		},
		"ports": [
			{
				"name": "http",
				"port": 80,
				"targetPort": "htpp",
			},
		],
	},
}

resource_bad_1_2 := {
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
								"name": "http",
								"containerPort": 8080,
							},
						],
					},
				],
			},
		},
	},
}
