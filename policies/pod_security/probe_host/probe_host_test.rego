package auditor.pod_security.probe_host_test

import data.auditor.pod_security.probe_host

test_good_1 if {
	found := probe_host.findings with input as {"resource": resource_good_1, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1 := {
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
	found := probe_host.findings with input as {"resource": resource_bad_1, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].livenessProbe.httpGet.host"}
}

resource_bad_1 := {
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
	found := probe_host.findings with input as {"resource": resource_bad_2, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].lifecycle.preStop.httpGet.host"}
}

resource_bad_2 := {
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

test_before_1_34_nothing_is_found if {
	resource := {
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
							"host": "10.0.0.1",
							"port": 80,
						},
					},
					"lifecycle": {
						"preStop": {
							"tcpSocket": {
								"host": "10.0.0.1",
								"port": 80,
							},
						},
					},
				},
			],
		},
	}
	found := probe_host.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.33"}}
	{finding.pointer | some finding in found} == set()
}

test_from_1_34_every_host_is_found if {
	resource := {
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
							"host": "10.0.0.1",
							"port": 80,
						},
					},
					"lifecycle": {
						"preStop": {
							"tcpSocket": {
								"host": "10.0.0.1",
								"port": 80,
							},
						},
					},
				},
			],
		},
	}
	found := probe_host.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.34"}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].lifecycle.preStop.tcpSocket.host", "spec.containers[name=web].livenessProbe.httpGet.host"}
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := probe_host.findings with input as {"resource": resource_bad_configured_1, "parameters": {"kubernetes_version": "1.34"}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].livenessProbe.httpGet.host"}
}

resource_bad_configured_1 := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2", "livenessProbe": {"httpGet": {"host": "169.254.169.254", "path": "/latest", "port": 80}}}]}}

test_good_configured_1 if {
	count(probe_host.findings) == 0 with input as {"resource": resource_good_configured_1, "parameters": {"kubernetes_version": "1.33"}}
}

resource_good_configured_1 := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2", "livenessProbe": {"httpGet": {"host": "169.254.169.254", "path": "/latest", "port": 80}}}]}}
