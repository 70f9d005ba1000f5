package auditor.network.backend_missing_test

import data.auditor.network.backend_missing

test_good_1 if {
	found := backend_missing.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
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

resource_good_1_2 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"app": "web",
		},
	},
}

resource_good_1_3 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "pay",
	},
	"spec": {
		"rules": [
			{
				"host": "pay.example.org",
				"http": {
					"paths": [
						{
							"path": "/",
							"pathType": "Prefix",
							"backend": {
								"service": {
									"name": "pay",
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
	found := backend_missing.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.rules[0].http.paths[0].backend.service.name"}
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
									"name": "wbe",
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

resource_bad_1_2 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"app": "web",
		},
	},
}
