package auditor.network.wildcard_host_test

import data.auditor.network.wildcard_host

test_good_1_1 if {
	count(wildcard_host.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"rules": [
			{
				"host": "shop.example.org",
				"http": {
					"paths": [
						{
							"path": "/",
							"pathType": "Prefix",
							"backend": {
								"service": {
									"name": "web",
									"port": {
										"number": 80,
									},
								},
							},
						},
					],
				},
			},
		],
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := wildcard_host.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.rules[0].host", "spec.rules[1].host"}
}

resource_bad_1_1 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"rules": [
			{
				"host": "*.example.org",
				"http": {
					"paths": [
						{
							"path": "/",
							"pathType": "Prefix",
							"backend": {
								"service": {
									"name": "web",
									"port": {
										"number": 80,
									},
								},
							},
						},
					],
				},
			},
			{
				"http": {
					"paths": [
						{
							"path": "/",
							"pathType": "Prefix",
							"backend": {
								"service": {
									"name": "web",
									"port": {
										"number": 80,
									},
								},
							},
						},
					],
				},
			},
		],
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := wildcard_host.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.hostnames[1]"}
}

resource_bad_2_1 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"hostnames": [
			"shop.example.org",
			"*.example.org",
		],
		"parentRefs": [
			{
				"name": "public",
			},
		],
	},
}
