package auditor.resources.no_spread_test

import data.auditor.resources.no_spread

test_good_1_1 if {
	count(no_spread.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
				"topologySpreadConstraints": [
					{
						"maxSkew": 1,
						"topologyKey": "kubernetes.io/hostname",
						"whenUnsatisfiable": "ScheduleAnyway",
						"labelSelector": {
							"matchLabels": {
								"app": "web",
							},
						},
					},
				],
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

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := no_spread.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.topologySpreadConstraints"}
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
					},
				],
			},
		},
	},
}
