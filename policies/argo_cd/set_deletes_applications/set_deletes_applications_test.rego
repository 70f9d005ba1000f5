package auditor.argo_cd.set_deletes_applications_test

import data.auditor.argo_cd.set_deletes_applications

test_good_1_1 if {
	count(set_deletes_applications.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

test_good_1_2 if {
	count(set_deletes_applications.findings) == 0 with input as {"resource": resource_good_1_2, "parameters": {}}
}

test_good_1_3 if {
	count(set_deletes_applications.findings) == 0 with input as {"resource": resource_good_1_3, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := set_deletes_applications.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.syncPolicy.preserveResourcesOnDeletion"}
}

resource_good_1_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "shops",
	},
	"spec": {
		"generators": [
			{
				"clusters": {},
			},
		],
		"syncPolicy": {
			"preserveResourcesOnDeletion": true,
		},
	},
}

resource_good_1_2 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "fixed",
	},
	"spec": {
		"generators": [
			{
				"list": {
					"elements": [],
				},
			},
		],
	},
}

resource_good_1_3 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "previews",
	},
	"spec": {
		"generators": [
			{
				"pullRequest": {},
			},
		],
	},
}

resource_bad_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "shops",
	},
	"spec": {
		"generators": [
			{
				"clusters": {
					"selector": {
						"matchLabels": {
							"shop": "true",
						},
					},
				},
			},
		],
	},
}
