package auditor.availability.autoscaler_bounds_test

import data.auditor.availability.autoscaler_bounds

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2, resource_good_1_3]
		found := autoscaler_bounds.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"apiVersion": "apps/v1",
			"kind": "Deployment",
			"name": "web",
		},
		"minReplicas": 2,
		"maxReplicas": 5,
	},
}

resource_good_1_2 := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"apiVersion": "apps/v1",
			"kind": "Deployment",
			"name": "web",
		},
		"maxReplicas": 1,
	},
}

resource_good_1_3 := {
	"apiVersion": "keda.sh/v1alpha1",
	"kind": "ScaledObject",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"name": "web",
		},
		"minReplicaCount": 1,
		"maxReplicaCount": 1,
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := autoscaler_bounds.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.minReplicas"}
}

resource_bad_1_1 := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"apiVersion": "apps/v1",
			"kind": "Deployment",
			"name": "web",
		},
		"minReplicas": 5,
		"maxReplicas": 2,
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := autoscaler_bounds.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.minReplicaCount"}
}

resource_bad_2_1 := {
	"apiVersion": "keda.sh/v1alpha1",
	"kind": "ScaledObject",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"scaleTargetRef": {
			"name": "web",
		},
		"minReplicaCount": 5,
		"maxReplicaCount": 2,
	},
}
