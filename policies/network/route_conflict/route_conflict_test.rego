package auditor.network.route_conflict_test

import data.auditor.network.route_conflict

test_good_1 if {
	found := route_conflict.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5], "context": {"environment": "production"}, "parameters": {}}
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
			{
				"host": "shop.example.org",
				"http": {
					"paths": [
						{
							"path": "/api",
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
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "pay",
	},
	"spec": {
		"rules": [
			{
				"host": "shop.example.org",
				"http": {
					"paths": [
						{
							"path": "/pay",
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

resource_good_1_3 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "inner",
	},
	"spec": {
		"ingressClassName": "internal",
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

resource_good_1_4 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "canary",
		"namespace": "shop",
		"annotations": {
			"nginx.ingress.kubernetes.io/canary": "true",
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

resource_good_1_5 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "old",
		"namespace": "shop",
		"annotations": {
			"kubernetes.io/ingress.class": "old",
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

test_good_2 if {
	found := route_conflict.findings with input as {"set": [resource_good_2_1, resource_good_2_2, resource_good_2_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_2_1 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"parentRefs": [
			{
				"name": "edge",
				"namespace": "infra",
			},
		],
		"hostnames": [
			"shop.example.org",
		],
		"rules": [
			{
				"backendRefs": [
					{
						"name": "web",
						"port": 80,
					},
				],
			},
		],
	},
}

resource_good_2_2 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "api",
		"namespace": "shop",
	},
	"spec": {
		"parentRefs": [
			{
				"name": "edge",
				"namespace": "infra",
			},
		],
		"hostnames": [
			"shop.example.org",
		],
		"rules": [
			{
				"matches": [
					{
						"path": {
							"type": "PathPrefix",
							"value": "/api",
						},
					},
				],
				"backendRefs": [
					{
						"name": "api",
						"port": 80,
					},
				],
			},
		],
	},
}

resource_good_2_3 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "other",
		"namespace": "shop",
	},
	"spec": {
		"parentRefs": [
			{
				"name": "inner",
				"namespace": "infra",
			},
		],
		"hostnames": [
			"shop.example.org",
		],
		"rules": [
			{
				"backendRefs": [
					{
						"name": "web",
						"port": 80,
					},
				],
			},
		],
	},
}

test_bad_1 if {
	found := route_conflict.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.rules[0].http.paths[0]", "spec.rules[1].http.paths[0]"}
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
				"host": "pay.example.org",
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
				"host": "Shop.example.org",
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

resource_bad_1_2 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "pay",
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

test_bad_2 if {
	found := route_conflict.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2, resource_bad_2_3, resource_bad_2_4], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.rules[0]", "spec.rules[0].http.paths[0]"}
}

resource_bad_2_1 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"parentRefs": [
			{
				"name": "edge",
				"namespace": "infra",
			},
		],
		"hostnames": [
			"shop.example.org",
		],
		"rules": [
			{
				"backendRefs": [
					{
						"name": "web",
						"port": 80,
					},
				],
			},
		],
	},
}

resource_bad_2_2 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "web",
		"namespace": "pay",
	},
	"spec": {
		"parentRefs": [
			{
				"name": "edge",
				"namespace": "infra",
			},
		],
		"hostnames": [
			"shop.example.org",
		],
		"rules": [
			{
				"backendRefs": [
					{
						"name": "web",
						"port": 80,
					},
				],
			},
		],
	},
}

resource_bad_2_3 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "a",
		"namespace": "shop",
	},
	"spec": {
		"rules": [
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

resource_bad_2_4 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "b",
		"namespace": "shop",
	},
	"spec": {
		"rules": [
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
