package auditor.stateful.backup_missing_test

import data.auditor.stateful.backup_missing

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2, resource_good_1_3]
		found := backup_missing.findings with input as {"resource": resource, "parameters": {"annotations": []}}
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

resource_good_1_3 := {
	"apiVersion": "v1",
	"kind": "PersistentVolumeClaim",
	"metadata": {
		"name": "data",
		"namespace": "shop",
		"annotations": {
			"backup.example.org/schedule": "daily",
		},
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

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1, resource_bad_1_2]
		found := backup_missing.findings with input as {"resource": resource, "parameters": {"annotations": ["backup.example.org/schedule"]}}
		some finding in found
	}
	pointers == {"metadata.annotations"}
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
	"apiVersion": "v1",
	"kind": "PersistentVolumeClaim",
	"metadata": {
		"name": "data",
		"namespace": "shop",
		"annotations": {
			"backup.example.org/schedule": "daily",
		},
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

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := backup_missing.findings with input as {"resource": resource, "parameters": {"annotations": ["backup.example.org/schedule"]}}
		some finding in found
	}
	pointers == {"spec.volumeClaimTemplates[0].metadata.annotations"}
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

asked(resource) := {finding.pointer | some finding in found} if {
	found := backup_missing.findings with input as {"resource": resource, "parameters": {"annotations": ["backup.example.org/schedule", "backup.example.org/none"]}}
}

test_claim if asked(resource_good_1_1) == {"metadata.annotations"}

test_template if asked(resource_good_1_2) == {"spec.volumeClaimTemplates[0].metadata.annotations"}

test_annotated if asked(resource_good_1_3) == set()
