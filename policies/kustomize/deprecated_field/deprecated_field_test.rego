package auditor.kustomize.deprecated_field_test

import data.auditor.kustomize.deprecated_field

test_good_1 if {
	count(deprecated_field.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := deprecated_field.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"imageTags", "patchesJson6902", "vars"}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := deprecated_field.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"bases", "commonLabels", "patchesStrategicMerge"}
}

resource_good_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
	},
	"resources": [
		"../base",
	],
	"labels": [
		{
			"pairs": {
				"app": "shop",
			},
		},
	],
	"bases": [],
}

resource_bad_2_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
	},
	"imageTags": [
		{
			"name": "web",
			"newTag": "1",
		},
	],
	"patchesJson6902": [
		{
			"path": "patch.yaml",
		},
	],
	"vars": [
		{
			"name": "HOST",
		},
	],
}

resource_bad_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
	},
	"bases": [
		"../base",
	],
	"commonLabels": {
		"app": "shop",
	},
	"patchesStrategicMerge": [
		"patch.yaml",
	],
}
