package auditor.probes.readiness_missing_test

import data.auditor.probes.readiness_missing

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := readiness_missing.findings with input as {"resource": resource, "parameters": {}}
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

test_good_2 if {
	pointers := {finding.pointer |
		some resource in [resource_good_2_1]
		found := readiness_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_2_1 := {
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
						"readinessProbe": {
							"httpGet": {
								"path": "/healthz",
								"port": 8080,
							},
						},
					},
					{
						"name": "shipper",
						"image": "registry.example.org/shop/shipper:1.4.2",
					},
				],
			},
		},
	},
}

test_good_3 if {
	pointers := {finding.pointer |
		some resource in [resource_good_3_1]
		found := readiness_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_3_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "mail",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 1,
		"selector": {
			"matchLabels": {
				"app": "mail",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "mail",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "mail",
						"image": "registry.example.org/shop/mail:1.4.2",
						"livenessProbe": {
							"exec": {
								"command": [
									"/app/alive",
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
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := readiness_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].readinessProbe"}
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
		found := readiness_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=metrics].readinessProbe", "spec.template.spec.containers[name=web].readinessProbe"}
}

resource_bad_2_1 := {
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
							},
						],
					},
					{
						"name": "metrics",
						"image": "registry.example.org/shop/metrics:1.4.2",
						"ports": [
							{
								"containerPort": 9000,
							},
						],
					},
					{
						"name": "shipper",
						"image": "registry.example.org/shop/shipper:1.4.2",
					},
				],
			},
		},
	},
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := readiness_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].readinessProbe"}
}

resource_bad_3_1 := {
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
