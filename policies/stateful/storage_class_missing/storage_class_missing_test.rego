package auditor.stateful.storage_class_missing_test

import data.auditor.stateful.storage_class_missing

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5]
		found := storage_class_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
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
		"name": "data",
		"namespace": "shop",
	},
	"spec": {
		"accessModes": [
			"ReadWriteOnce",
		],
		"storageClassName": "",
		"resources": {
			"requests": {
				"storage": "1Gi",
			},
		},
	},
}

resource_good_1_3 := {
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
		"volumeName": "data",
		"resources": {
			"requests": {
				"storage": "1Gi",
			},
		},
	},
}

resource_good_1_4 := {
	"apiVersion": "v1",
	"kind": "PersistentVolumeClaim",
	"metadata": {
		"name": "data",
		"namespace": "shop",
		"annotations": {
			"volume.beta.kubernetes.io/storage-class": "fast",
		},
	},
	"spec": {
		"accessModes": [
			"ReadWriteOnce",
		],
		"resources": {
			"requests": {
				"storage": "1Gi",
			},
		},
	},
}

resource_good_1_5 := {
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
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := storage_class_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.storageClassName"}
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
		"resources": {
			"requests": {
				"storage": "1Gi",
			},
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := storage_class_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.volumeClaimTemplates[0].spec.storageClassName"}
}

resource_bad_2_1 := {
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
