package auditor.workloads.labels_missing_test

import data.auditor.workloads.labels_missing

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := labels_missing.findings with input as {"resource": resource, "parameters": {"labels": []}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"labels": {
			"app.kubernetes.io/name": "web",
		},
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
		found := labels_missing.findings with input as {"resource": resource, "parameters": {"labels": ["app.kubernetes.io/name", "owner"]}}
		some finding in found
	}
	pointers == {"metadata.labels.owner"}
}

resource_bad_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"labels": {
			"app.kubernetes.io/name": "web",
		},
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

test_asked_for if {
	found := labels_missing.findings with input as {"resource": resource_good_1_1, "parameters": {"labels": ["app.kubernetes.io/name", "owner"]}}
	{finding.pointer | some finding in found} == {"metadata.labels.owner"}
}
