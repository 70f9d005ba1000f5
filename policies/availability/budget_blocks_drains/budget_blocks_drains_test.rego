package auditor.availability.budget_blocks_drains_test

import data.auditor.availability.budget_blocks_drains

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2, resource_good_1_3]
		found := budget_blocks_drains.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
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

resource_good_1_2 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": "50%",
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
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": 0,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := budget_blocks_drains.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.maxUnavailable"}
}

resource_bad_1_1 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"maxUnavailable": 0,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := budget_blocks_drains.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.minAvailable"}
}

resource_bad_2_1 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"minAvailable": "100%",
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := budget_blocks_drains.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.maxUnavailable"}
}

resource_bad_3_1 := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"maxUnavailable": "0%",
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
	},
}
