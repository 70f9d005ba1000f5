package auditor.network.ingress_snippet_test

import data.auditor.network.ingress_snippet

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := ingress_snippet.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"nginx.ingress.kubernetes.io/proxy-body-size": "10m",
		},
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
		found := ingress_snippet.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"metadata.annotations[\"nginx.ingress.kubernetes.io/configuration-snippet\"]", "metadata.annotations[\"nginx.ingress.kubernetes.io/server-snippet\"]"}
}

resource_bad_1_1 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"nginx.ingress.kubernetes.io/configuration-snippet": "more_set_headers \"X-A b\";",
			"nginx.ingress.kubernetes.io/server-snippet": "deny all;",
		},
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
