package auditor.probes.liveness_missing_test

import data.auditor.probes.liveness_missing

test_good_1_1 if {
	count(liveness_missing.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
						"livenessProbe": {
							"httpGet": {
								"path": "/healthz",
								"port": 8080,
							},
						},
					},
				],
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := liveness_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].livenessProbe"}
}

resource_bad_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "StatefulSet",
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
		"serviceName": "web",
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
