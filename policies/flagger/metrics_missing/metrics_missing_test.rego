package auditor.flagger.metrics_missing_test

import data.auditor.flagger.metrics_missing

test_good_1_1 if {
	count(metrics_missing.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
		found := metrics_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.analysis.metrics"}
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
		},
	},
}

test_good_2_1 if {
	count(metrics_missing.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
}

resource_good_2_1 := {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "service": {"port": 80}, "analysis": {"interval": "1m", "threshold": 5, "iterations": 10, "webhooks": [{"name": "acceptance", "type": "pre-rollout", "url": "http://tester.shop/"}]}}}
