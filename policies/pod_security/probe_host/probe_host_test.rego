package auditor.pod_security.probe_host_test

import data.auditor.pod_security.probe_host

test_good_1_1 if {
	count(probe_host.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
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
				"livenessProbe": {
					"httpGet": {
						"path": "/healthz",
						"port": 8080,
					},
				},
			},
		],
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := probe_host.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].livenessProbe.httpGet.host"}
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
								"host": "169.254.169.254",
								"path": "/latest",
								"port": 80,
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
		found := probe_host.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].lifecycle.preStop.httpGet.host"}
}

resource_bad_2_1 := {
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
				"lifecycle": {
					"preStop": {
						"httpGet": {
							"host": "hooks.example.org",
							"path": "/",
							"port": 80,
						},
					},
				},
			},
		],
	},
}
