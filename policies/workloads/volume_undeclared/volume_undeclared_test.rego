package auditor.workloads.volume_undeclared_test

import data.auditor.workloads.volume_undeclared

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := volume_undeclared.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
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
		"volumeClaimTemplates": [
			{
				"metadata": {
					"name": "data",
				},
				"spec": {
					"accessModes": [
						"ReadWriteOnce",
					],
					"storageClassName": "fast",
					"resources": {
						"requests": {
							"storage": "1Gi",
						},
					},
				},
			},
		],
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"volumes": [
					{
						"name": "tmp",
						"emptyDir": {},
					},
				],
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"volumeMounts": [
							{
								"name": "data",
								"mountPath": "/data",
							},
							{
								"name": "tmp",
								"mountPath": "/tmp",
							},
						],
					},
				],
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := volume_undeclared.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].volumeMounts[name=date]"}
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
				"volumes": [
					{
						"name": "data",
						"emptyDir": {},
					},
				],
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"volumeMounts": [
							{
								"name": "date",
								"mountPath": "/data",
							},
						],
					},
				],
			},
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := volume_undeclared.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].volumeDevices[name=disk]"}
}

resource_bad_2_1 := {
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
						"volumeDevices": [
							{
								"name": "disk",
								"devicePath": "/dev/xvda",
							},
						],
					},
				],
			},
		},
	},
}
