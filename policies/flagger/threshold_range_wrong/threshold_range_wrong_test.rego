package auditor.flagger.threshold_range_wrong_test

import data.auditor.flagger.threshold_range_wrong

test_bad_1_1 if {
	pointers := {finding.pointer |
		found := threshold_range_wrong.findings with input as {"resource": resource_bad_1_1, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.analysis.metrics[name=request-duration].thresholdRange", "spec.analysis.metrics[name=request-success-rate].thresholdRange.min"}
}

test_bad_2_1 if {
	pointers := {finding.pointer |
		found := threshold_range_wrong.findings with input as {"resource": resource_bad_2_1, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.canaryAnalysis.metrics[name=request-success-rate].thresholdRange.min"}
}

test_good_1 if {
	count(threshold_range_wrong.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(threshold_range_wrong.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
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
					"name": "request-success-rate",
					"interval": "1m",
					"thresholdRange": {
						"min": 101,
					},
				},
				{
					"name": "request-duration",
					"interval": "1m",
					"thresholdRange": {
						"min": 500,
						"max": 100,
					},
				},
			],
		},
	},
}

resource_bad_2_1 := {
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
		"canaryAnalysis": {
			"interval": "1m",
			"threshold": 5,
			"maxWeight": 50,
			"stepWeight": 10,
			"metrics": [
				{
					"name": "request-success-rate",
					"interval": "1m",
					"thresholdRange": {
						"min": 0,
					},
				},
			],
		},
	},
}

resource_good_1 := {
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
				{
					"name": "request-duration",
					"interval": "1m",
					"thresholdRange": {
						"min": 1,
						"max": 500,
					},
				},
			],
		},
	},
}

resource_good_2 := {
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
					"templateRef": {
						"name": "errors",
					},
					"thresholdRange": {
						"min": 0,
					},
				},
				{
					"name": "request-success-rate",
					"query": "sum(errors)",
					"thresholdRange": {
						"min": 0,
						"max": 0,
					},
				},
			],
		},
	},
}
