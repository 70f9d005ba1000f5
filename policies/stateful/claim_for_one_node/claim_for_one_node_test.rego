package auditor.stateful.claim_for_one_node_test

import data.auditor.stateful.claim_for_one_node

test_good_1 if {
	found := claim_for_one_node.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5, resource_good_1_6, resource_good_1_7], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "PersistentVolumeClaim",
	"metadata": {
		"name": "data",
		"namespace": "shop",
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
}

resource_good_1_2 := {
	"apiVersion": "v1",
	"kind": "PersistentVolumeClaim",
	"metadata": {
		"name": "many",
		"namespace": "shop",
	},
	"spec": {
		"accessModes": [
			"ReadWriteMany",
		],
		"storageClassName": "fast",
		"resources": {
			"requests": {
				"storage": "1Gi",
			},
		},
	},
}

resource_good_1_3 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "recreate",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 1,
		"selector": {
			"matchLabels": {
				"app": "recreate",
			},
		},
		"strategy": {
			"type": "Recreate",
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "recreate",
				},
			},
			"spec": {
				"volumes": [
					{
						"name": "data",
						"persistentVolumeClaim": {
							"claimName": "data",
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

resource_good_1_4 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "surge",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 1,
		"selector": {
			"matchLabels": {
				"app": "surge",
			},
		},
		"strategy": {
			"rollingUpdate": {
				"maxSurge": 0,
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "surge",
				},
			},
			"spec": {
				"volumes": [
					{
						"name": "data",
						"persistentVolumeClaim": {
							"claimName": "data",
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

resource_good_1_5 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "many",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 3,
		"selector": {
			"matchLabels": {
				"app": "many",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "many",
				},
			},
			"spec": {
				"volumes": [
					{
						"name": "data",
						"persistentVolumeClaim": {
							"claimName": "many",
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

resource_good_1_6 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "unknown",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 3,
		"selector": {
			"matchLabels": {
				"app": "unknown",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "unknown",
				},
			},
			"spec": {
				"volumes": [
					{
						"name": "data",
						"persistentVolumeClaim": {
							"claimName": "elsewhere",
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

resource_good_1_7 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "zero",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 0,
		"selector": {
			"matchLabels": {
				"app": "zero",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "zero",
				},
			},
			"spec": {
				"volumes": [
					{
						"name": "data",
						"persistentVolumeClaim": {
							"claimName": "data",
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

test_bad_1 if {
	found := claim_for_one_node.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.volumes[name=data]"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "PersistentVolumeClaim",
	"metadata": {
		"name": "data",
		"namespace": "shop",
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
}

resource_bad_1_2 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 1,
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
						"persistentVolumeClaim": {
							"claimName": "data",
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

test_bad_2 if {
	found := claim_for_one_node.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.volumes[name=data]"}
}

resource_bad_2_1 := {
	"apiVersion": "v1",
	"kind": "PersistentVolumeClaim",
	"metadata": {
		"name": "data",
		"namespace": "shop",
	},
	"spec": {
		"accessModes": [
			"ReadWriteOncePod",
		],
		"storageClassName": "fast",
		"resources": {
			"requests": {
				"storage": "1Gi",
			},
		},
	},
}

resource_bad_2_2 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 3,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"strategy": {
			"type": "Recreate",
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
						"persistentVolumeClaim": {
							"claimName": "data",
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
