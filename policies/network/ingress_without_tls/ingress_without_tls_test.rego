package auditor.network.ingress_without_tls_test

import data.auditor.network.ingress_without_tls

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4]
		found := ingress_without_tls.findings with input as {"resource": resource, "parameters": {}}
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
	},
	"spec": {
		"tls": [
			{
				"hosts": [
					"*.example.org",
				],
				"secretName": "web",
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

resource_good_1_2 := {
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
					"Shop.example.org",
				],
				"secretName": "web",
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

resource_good_1_3 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"tls": [
			{
				"secretName": "web",
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

resource_good_1_4 := {
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
					"${HOST}",
				],
				"secretName": "web",
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

test_good_2 if {
	pointers := {finding.pointer |
		some resource in [resource_good_2_1, resource_good_2_2, resource_good_2_3]
		found := ingress_without_tls.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_2_1 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:eu-west-1:1:certificate/a",
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

resource_good_2_2 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"ingressClassName": "tailscale",
		"rules": [
			{
				"host": "shop",
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

resource_good_2_3 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"traefik.ingress.kubernetes.io/router.tls": "true",
		},
	},
	"spec": {
		"rules": [
			{
				"host": "shop",
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

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := ingress_without_tls.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.rules[1].host", "spec.rules[2].host"}
}

resource_bad_2_1 := {
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
					"*.example.org",
				],
				"secretName": "web",
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
			{
				"host": "a.shop.example.org",
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
				"host": "pay.example.com",
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
