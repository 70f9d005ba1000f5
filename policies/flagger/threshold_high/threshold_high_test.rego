package auditor.flagger.threshold_high_test

import data.auditor.flagger.threshold_high

test_good_1_1 if {
	count(threshold_high.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {"most": 20}}
}

resource_good_1_1 := {
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
		"service": {
			"port": 80,
		},
		"analysis": {
			"interval": "1m",
			"threshold": 5,
			"maxWeight": 50,
			"stepWeight": 10,
			"metrics": [
				{
					"name": "request-success-rate",
					"interval": "1m",
					"thresholdRange": {
						"min": 99,
					},
				},
			],
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := threshold_high.findings with input as {"resource": resource, "parameters": {"most": 20}}
		some finding in found
	}
	pointers == {"spec.analysis.threshold"}
}

resource_bad_1_1 := {
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
		"service": {
			"port": 80,
		},
		"analysis": {
			"interval": "1m",
			"threshold": 100,
			"maxWeight": 50,
			"stepWeight": 10,
			"metrics": [
				{
					"name": "request-success-rate",
					"interval": "1m",
					"thresholdRange": {
						"min": 99,
					},
				},
			],
		},
	},
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := threshold_high.findings with input as {"resource": resource_bad_configured_1, "parameters": {"most": 5}}
		some finding in found
	}
	pointers == {"spec.analysis.threshold"}
}

resource_bad_configured_1 := {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "service": {"port": 80}, "analysis": {"interval": "1m", "threshold": 10, "maxWeight": 50, "stepWeight": 10, "metrics": [{"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}}]}}}
