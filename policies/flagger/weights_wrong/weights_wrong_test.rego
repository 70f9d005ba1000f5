package auditor.flagger.weights_wrong_test

import data.auditor.flagger.weights_wrong

test_good_1 if {
	count(weights_wrong.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(weights_wrong.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(weights_wrong.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := weights_wrong.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.analysis.stepWeight"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := weights_wrong.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.analysis.stepWeight", "spec.analysis.stepWeightPromotion"}
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := weights_wrong.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.analysis.stepWeights"}
}

test_bad_4 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_4_1]
		found := weights_wrong.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.analysis.stepWeights"}
}

resource_good_1 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"analysis": {
			"stepWeight": 10,
			"maxWeight": 50,
		},
	},
}

resource_good_2 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "api",
	},
	"spec": {
		"analysis": {
			"stepWeights": [
				5,
				20,
				60,
			],
		},
	},
}

resource_good_3 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "ab",
	},
	"spec": {
		"analysis": {
			"match": [
				{
					"headers": {
						"x-canary": {
							"exact": "insider",
						},
					},
				},
			],
		},
	},
}

resource_bad_1_1 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"analysis": {
			"interval": "1m",
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"analysis": {
			"stepWeight": 60,
			"maxWeight": 50,
			"stepWeightPromotion": 150,
		},
	},
}

resource_bad_3_1 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"analysis": {
			"stepWeights": [
				20,
				10,
			],
		},
	},
}

resource_bad_4_1 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "Canary",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"analysis": {
			"stepWeights": [
				20,
				110,
			],
		},
	},
}
