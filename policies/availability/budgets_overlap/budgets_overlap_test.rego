package auditor.availability.budgets_overlap_test

import data.auditor.availability.budgets_overlap

test_good_1 if {
	found := budgets_overlap.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
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
					},
				],
			},
		},
	},
}

resource_good_1_2 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"maxUnavailable": 1,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

resource_good_1_3 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "other",
		"namespace": "shop",
	},
	"spec": {
		"maxUnavailable": 1,
		"selector": {
			"matchLabels": {
				"app": "other",
			},
		},
	},
}

resource_good_1_4 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "none",
		"namespace": "shop",
	},
	"spec": {
		"maxUnavailable": 1,
	},
}

test_bad_1 if {
	found := budgets_overlap.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2, resource_bad_1_3], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {""}
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
				"tier": "front",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
					"tier": "front",
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

resource_bad_1_2 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"maxUnavailable": 1,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

resource_bad_1_3 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "front",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 1,
		"selector": {
			"matchLabels": {
				"tier": "front",
			},
		},
	},
}
