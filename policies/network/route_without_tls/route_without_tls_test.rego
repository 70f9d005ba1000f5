package auditor.network.route_without_tls_test

import data.auditor.network.route_without_tls

test_good_1 if {
	found := route_without_tls.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "Gateway",
	"metadata": {
		"name": "edge",
		"namespace": "infra",
	},
	"spec": {
		"gatewayClassName": "cilium",
		"listeners": [
			{
				"name": "http",
				"protocol": "HTTP",
				"port": 80,
				"allowedRoutes": {
					"namespaces": {
						"from": "All",
					},
				},
			},
			{
				"name": "https",
				"protocol": "HTTPS",
				"port": 443,
				"tls": {
					"certificateRefs": [
						{
							"name": "edge",
						},
					],
				},
				"allowedRoutes": {
					"namespaces": {
						"from": "All",
					},
				},
			},
		],
	},
}

resource_good_1_2 := {
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
				"sectionName": "https",
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

resource_good_1_3 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "redirect",
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
				"filters": [
					{
						"type": "RequestRedirect",
						"requestRedirect": {
							"scheme": "https",
							"statusCode": 301,
						},
					},
				],
			},
		],
	},
}

resource_good_1_4 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "elsewhere",
		"namespace": "shop",
	},
	"spec": {
		"parentRefs": [
			{
				"name": "other",
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

test_good_2 if {
	found := route_without_tls.findings with input as {"set": [resource_good_2_1, resource_good_2_2, resource_good_2_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_2_1 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "Gateway",
	"metadata": {
		"name": "edge",
		"namespace": "infra",
	},
	"spec": {
		"gatewayClassName": "cilium",
		"listeners": [
			{
				"name": "http",
				"protocol": "HTTP",
				"port": 80,
			},
		],
	},
}

resource_good_2_2 := {
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

resource_good_2_3 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "port",
		"namespace": "infra",
	},
	"spec": {
		"parentRefs": [
			{
				"name": "edge",
				"port": 443,
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
	found := route_without_tls.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2, resource_bad_1_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.parentRefs[0]"}
}

resource_bad_1_1 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "Gateway",
	"metadata": {
		"name": "edge",
		"namespace": "infra",
	},
	"spec": {
		"gatewayClassName": "cilium",
		"listeners": [
			{
				"name": "http",
				"protocol": "HTTP",
				"port": 80,
				"allowedRoutes": {
					"namespaces": {
						"from": "All",
					},
				},
			},
			{
				"name": "https",
				"protocol": "HTTPS",
				"port": 443,
				"tls": {
					"certificateRefs": [
						{
							"name": "edge",
						},
					],
				},
				"allowedRoutes": {
					"namespaces": {
						"from": "All",
					},
				},
			},
		],
	},
}

resource_bad_1_2 := {
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

resource_bad_1_3 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "own",
		"namespace": "shop",
	},
	"spec": {
		"parentRefs": [
			{
				"name": "edge",
				"namespace": "infra",
				"sectionName": "http",
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

test_bad_2 if {
	found := route_without_tls.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.parentRefs[0]"}
}

resource_bad_2_1 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "Gateway",
	"metadata": {
		"name": "edge",
		"namespace": "infra",
	},
	"spec": {
		"gatewayClassName": "cilium",
		"listeners": [
			{
				"name": "http",
				"protocol": "HTTP",
				"port": 80,
			},
		],
	},
}

resource_bad_2_2 := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "HTTPRoute",
	"metadata": {
		"name": "web",
		"namespace": "infra",
	},
	"spec": {
		"parentRefs": [
			{
				"name": "edge",
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
