package auditor.workloads.duplicate_variable_test

import data.auditor.workloads.duplicate_variable

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := duplicate_variable.findings with input as {"resource": resource, "parameters": {}}
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
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"env": [
							{
								"name": "A",
								"value": "1",
							},
							{
								"name": "B",
								"value": "1",
							},
						],
					},
					{
						"name": "other",
						"image": "registry.example.org/shop/other:1.4.2",
						"env": [
							{
								"name": "A",
								"value": "2",
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
		found := duplicate_variable.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].env[name=A]"}
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
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"env": [
							{
								"name": "A",
								"value": "1",
							},
							{
								"name": "B",
								"value": "1",
							},
							{
								"name": "A",
								"value": "2",
							},
						],
					},
				],
			},
		},
	},
}
