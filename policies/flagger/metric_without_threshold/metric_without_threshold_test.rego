package auditor.flagger.metric_without_threshold_test

import data.auditor.flagger.metric_without_threshold

test_good_1_1 if {
	count(metric_without_threshold.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
		found := metric_without_threshold.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.analysis.metrics[name=request-duration]"}
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
			"threshold": 5,
			"maxWeight": 50,
			"stepWeight": 10,
			"metrics": [
				{
					"name": "request-duration",
					"interval": "1m",
				},
			],
		},
	},
}

test_good_2_1 if {
	count(metric_without_threshold.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
}

resource_good_2_1 := {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "service": {"port": 80}, "analysis": {"interval": "1m", "threshold": 5, "maxWeight": 50, "stepWeight": 10, "metrics": [{"name": "request-success-rate", "interval": "1m", "threshold": 99}]}}}
