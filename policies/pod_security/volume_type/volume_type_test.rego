package auditor.pod_security.volume_type_test

import data.auditor.pod_security.volume_type

test_good_1 if {
	found := volume_type.findings with input as {"resource": resource_good_1, "parameters": {}}
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
		"volumes": [
			{
				"name": "config",
				"configMap": {
					"name": "web",
				},
			},
			{
				"name": "data",
				"persistentVolumeClaim": {
					"claimName": "web",
				},
			},
		],
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
		],
	},
}

test_good_2 if {
	found := volume_type.findings with input as {"resource": resource_good_2, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_2 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"volumes": [
			{
				"name": "models",
				"image": {
					"reference": "registry.example.org/shop/models:2.0.1",
				},
			},
		],
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
		],
	},
}

test_bad_1 if {
	found := volume_type.findings with input as {"resource": resource_bad_1, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.volumes[name=share].nfs"}
}

resource_bad_1 := {
	"apiVersion": "apps/v1",
	"kind": "StatefulSet",
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
		"serviceName": "web",
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"volumes": [
					{
						"name": "share",
						"nfs": {
							"server": "nas.example.org",
							"path": "/export",
						},
					},
				],
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}
