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

test_bad if {
	pointers := {finding.pointer |
		found := reference_missing.findings with input as {"set": [resource_bad_1, resource_bad_2, resource_bad_3], "context": {"environment": "production"}, "parameters": {}}
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

resource_bad_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
}

resource_bad_2 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "MetricTemplate",
	"metadata": {
		"name": "latency",
		"namespace": "shop",
	},
}

resource_bad_3 := {
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
