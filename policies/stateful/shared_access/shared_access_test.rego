package auditor.stateful.shared_access_test

import data.auditor.stateful.shared_access

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2, resource_good_1_3]
		found := shared_access.findings with input as {"resource": resource, "parameters": {}}
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

resource_good_1_3 := {
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
		found := shared_access.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.accessModes"}
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

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := shared_access.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.volumeClaimTemplates[0].spec.accessModes"}
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
						"ReadWriteMany",
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
