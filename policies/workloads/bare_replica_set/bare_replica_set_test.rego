package auditor.workloads.bare_replica_set_test

import data.auditor.workloads.bare_replica_set

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := bare_replica_set.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "ReplicaSet",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"ownerReferences": [
			{
				"apiVersion": "apps/v1",
				"kind": "Deployment",
				"name": "web",
				"uid": "a",
			},
		],
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
					},
				],
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := bare_replica_set.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"kind"}
}

resource_bad_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "ReplicaSet",
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
					},
				],
			},
		},
	},
}
