package auditor.probes.startup_missing_test

import data.auditor.probes.startup_missing

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := startup_missing.findings with input as {"resource": resource, "parameters": {"seconds": 60}}
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
							"tcpSocket": {
								"port": 8080,
							},
							"initialDelaySeconds": 60,
						},
					},
					{
						"name": "slow",
						"image": "registry.example.org/shop/slow:1.4.2",
						"startupProbe": {
							"tcpSocket": {
								"port": 8080,
							},
						},
						"livenessProbe": {
							"tcpSocket": {
								"port": 8080,
							},
							"initialDelaySeconds": 300,
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
		found := startup_missing.findings with input as {"resource": resource, "parameters": {"seconds": 60}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].livenessProbe.initialDelaySeconds"}
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
							"tcpSocket": {
								"port": 8080,
							},
							"initialDelaySeconds": 180,
						},
					},
				],
			},
		},
	},
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := startup_missing.findings with input as {"resource": resource_bad_configured_1, "parameters": {"seconds": 10}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].livenessProbe.initialDelaySeconds"}
}

resource_bad_configured_1 := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2", "livenessProbe": {"tcpSocket": {"port": 8080}, "initialDelaySeconds": 30}}]}}}}
