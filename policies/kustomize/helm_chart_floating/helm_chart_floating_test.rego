package auditor.kustomize.helm_chart_floating_test

import data.auditor.kustomize.helm_chart_floating

test_good_1_1 if {
	count(helm_chart_floating.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"helmCharts": [
		{
			"name": "podinfo",
			"repo": "https://charts.example.org",
			"version": "6.9.0",
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := helm_chart_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"helmCharts[name=podinfo].version"}
}

resource_bad_1_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"helmCharts": [
		{
			"name": "podinfo",
			"repo": "https://charts.example.org",
		},
	],
}
