package auditor.network.ingress_without_tls_test

import data.auditor.network.ingress_without_tls

test_good_1_1 if {
	count(ingress_without_tls.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"tls": [
			{
				"hosts": [
					"shop.example.org",
				],
				"secretName": "web-tls",
			},
		],
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
		found := ingress_without_tls.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.tls"}
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
