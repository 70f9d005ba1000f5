package auditor.workloads.duplicate_port_test

import data.auditor.workloads.duplicate_port

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := duplicate_port.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
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
				"initContainers": [
					{
						"name": "first",
						"image": "registry.example.org/shop/first:1.4.2",
						"ports": [
							{
								"containerPort": 8080,
							},
						],
					},
				],
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"ports": [
							{
								"containerPort": 53,
								"protocol": "TCP",
							},
							{
								"containerPort": 53,
								"protocol": "UDP",
							},
						],
					},
					{
						"name": "other",
						"image": "registry.example.org/shop/other:1.4.2",
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

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := duplicate_port.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.initContainers[name=proxy].ports[0].containerPort"}
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
				"initContainers": [
					{
						"name": "proxy",
						"image": "registry.example.org/shop/proxy:1.4.2",
						"restartPolicy": "Always",
						"ports": [
							{
								"containerPort": 8080,
							},
						],
					},
				],
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

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := duplicate_port.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].ports[0].containerPort", "spec.template.spec.containers[name=web].ports[0].name"}
}

resource_bad_2_1 := {
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
						"name": "api",
						"image": "registry.example.org/shop/api:1.4.2",
						"ports": [
							{
								"name": "http",
								"containerPort": 8080,
							},
						],
					},
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
