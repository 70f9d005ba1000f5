package auditor.argo_cd.ignores_differences_test

import data.auditor.argo_cd.ignores_differences

test_good_1 if {
	count(ignores_differences.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := ignores_differences.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.ignoreDifferences[0]"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := ignores_differences.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.ignoreDifferences[0]"}
}

resource_good_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"ignoreDifferences": [
			{
				"group": "apps",
				"kind": "Deployment",
				"jsonPointers": [
					"/spec/replicas",
				],
			},
			{
				"group": "*",
				"kind": "*",
				"managedFieldsManagers": [
					"kube-controller-manager",
				],
			},
		],
	},
}

resource_bad_1_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"ignoreDifferences": [
			{
				"group": "apps",
				"kind": "Deployment",
				"jsonPointers": [
					"/spec",
				],
			},
		],
	},
}

resource_bad_2_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "shops",
	},
	"spec": {
		"template": {
			"spec": {
				"ignoreDifferences": [
					{
						"group": "*",
						"kind": "*",
						"jqPathExpressions": [
							".spec.template",
						],
					},
				],
			},
		},
	},
}
