package auditor.probes.liveness_like_readiness_test

import data.auditor.probes.liveness_like_readiness

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := liveness_like_readiness.findings with input as {"resource": resource, "parameters": {}}
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
						"livenessProbe": {
							"httpGet": {
								"path": "/healthz",
								"port": 8080,
							},
							"failureThreshold": 10,
						},
						"readinessProbe": {
							"httpGet": {
								"path": "/healthz",
								"port": 8080,
							},
						},
					},
					{
						"name": "other",
						"image": "registry.example.org/shop/other:1.4.2",
						"livenessProbe": {
							"tcpSocket": {
								"port": 8080,
							},
						},
						"readinessProbe": {
							"httpGet": {
								"path": "/ready",
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
		found := liveness_like_readiness.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].livenessProbe"}
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
						"livenessProbe": {
							"httpGet": {
								"path": "/healthz",
								"port": 8080,
							},
							"initialDelaySeconds": 30,
						},
						"readinessProbe": {
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
