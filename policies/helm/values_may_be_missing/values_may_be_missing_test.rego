package auditor.helm.values_may_be_missing_test

import data.auditor.helm.values_may_be_missing

test_good_1 if {
	count(values_may_be_missing.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := values_may_be_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.valuesFrom[name=shop-values].optional"}
}

resource_good_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"valuesFrom": [
			{
				"kind": "Secret",
				"name": "shop-values",
			},
			{
				"kind": "ConfigMap",
				"name": "shop-extra",
				"optional": true,
			},
		],
	},
}

resource_bad_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"valuesFrom": [
			{
				"kind": "Secret",
				"name": "shop-values",
				"optional": true,
			},
		],
	},
}
