package auditor.probes.port_unknown_test

import data.auditor.probes.port_unknown

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := port_unknown.findings with input as {"resource": resource, "parameters": {}}
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
						"ports": [
							{
								"name": "http",
								"containerPort": 8080,
							},
						],
						"readinessProbe": {
							"httpGet": {
								"path": "/ready",
								"port": "http",
							},
						},
						"livenessProbe": {
							"tcpSocket": {
								"port": 8080,
							},
						},
						"startupProbe": {
							"tcpSocket": {
								"port": "8080",
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
		found := port_unknown.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].readinessProbe.httpGet.port"}
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
						"ports": [
							{
								"containerPort": 8080,
							},
						],
						"readinessProbe": {
							"httpGet": {
								"path": "/ready",
								"port": "http",
							},
						},
					},
				],
			},
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := port_unknown.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.jobTemplate.spec.template.spec.containers[name=web].livenessProbe.tcpSocket.port", "spec.jobTemplate.spec.template.spec.containers[name=web].startupProbe.httpGet.port"}
}

resource_bad_2_1 := {
	"apiVersion": "batch/v1",
	"kind": "CronJob",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"schedule": "0 3 * * *",
		"jobTemplate": {
			"spec": {
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
									"tcpSocket": {
										"port": "http",
									},
								},
								"startupProbe": {
									"httpGet": {
										"path": "/",
										"port": "http",
									},
								},
							},
						],
					},
				},
			},
		},
	},
}
