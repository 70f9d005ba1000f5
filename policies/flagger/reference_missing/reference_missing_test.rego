package auditor.flagger.reference_missing_test

import data.auditor.flagger.reference_missing

test_good_1 if {
	count(reference_missing.findings) == 0 with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3], "context": {"environment": "production"}, "parameters": {}}
}

test_good_2 if {
	count(reference_missing.findings) == 0 with input as {"set": [resource_good_2_1, resource_good_2_2], "context": {"environment": "production"}, "parameters": {}}
}

test_good_3 if {
	count(reference_missing.findings) == 0 with input as {"set": [resource_good_3_1, resource_good_3_2, resource_good_3_3], "context": {"environment": "production"}, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		found := reference_missing.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2, resource_bad_1_3], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.analysis.metrics[name=errors].templateRef", "spec.targetRef"}
}

resource_good_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
}

resource_good_1_2 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "MetricTemplate",
	"metadata": {
		"name": "errors",
		"namespace": "flagger",
	},
}

resource_good_1_3 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"targetRef": {
			"apiVersion": "apps/v1",
			"kind": "Deployment",
			"name": "web",
		},
		"analysis": {
			"metrics": [
				{
					"name": "errors",
					"templateRef": {
						"name": "errors",
						"namespace": "flagger",
					},
				},
			],
		},
	},
}

resource_good_2_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "${APP}",
		"namespace": "shop",
	},
}

resource_good_2_2 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"targetRef": {
			"kind": "Deployment",
			"name": "web",
		},
	},
}

resource_good_3_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "other",
		"namespace": "shop",
	},
}

resource_good_3_2 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {},
}

resource_good_3_3 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"targetRef": {
			"kind": "Deployment",
			"name": "web",
		},
	},
}

resource_bad_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
}

resource_bad_1_2 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "MetricTemplate",
	"metadata": {
		"name": "latency",
		"namespace": "shop",
	},
}

resource_bad_1_3 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"targetRef": {
			"kind": "Deployment",
			"name": "website",
		},
		"analysis": {
			"metrics": [
				{
					"name": "errors",
					"templateRef": {
						"name": "errors",
					},
				},
			],
		},
	},
}

test_good_4 if {
	count(reference_missing.findings) == 0 with input as {"set": [resource_good_4_1, resource_good_4_2, resource_good_4_3], "context": {"environment": "production"}, "parameters": {}}
}

test_bad_2 if {
	pointers := {finding.pointer |
		found := reference_missing.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2, resource_bad_2_3, resource_bad_2_4], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.autoscalerRef", "spec.ingressRef", "spec.targetRef"}
}

resource_bad_2_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "api",
		"namespace": "shop",
	},
}

resource_bad_2_2 := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {
		"name": "api",
		"namespace": "shop",
	},
}

resource_bad_2_3 := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {
		"name": "api",
		"namespace": "shop",
	},
}

resource_bad_2_4 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"targetRef": {
			"apiVersion": "v1",
			"kind": "Service",
			"name": "web",
		},
		"autoscalerRef": {
			"apiVersion": "autoscaling/v2",
			"kind": "HorizontalPodAutoscaler",
			"name": "web",
		},
		"ingressRef": {
			"apiVersion": "networking.k8s.io/v1",
			"kind": "Ingress",
			"name": "web",
		},
	},
}

resource_good_4_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
}

resource_good_4_2 := {
	"apiVersion": "keda.sh/v1alpha1",
	"kind": "ScaledObject",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
}

resource_good_4_3 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"targetRef": {
			"apiVersion": "v1",
			"kind": "Service",
			"name": "web",
		},
		"autoscalerRef": {
			"apiVersion": "keda.sh/v1alpha1",
			"kind": "ScaledObject",
			"name": "web",
		},
		"ingressRef": {
			"apiVersion": "networking.k8s.io/v1",
			"kind": "Ingress",
			"name": "from-elsewhere",
		},
	},
}
