package auditor.resources.quota_missing_test

import data.auditor.resources.quota_missing

test_good_1 if {
	found := quota_missing.findings with input as {"set": [resource_good_1_1], "context": {"environment": "production"}, "parameters": {"everywhere": false}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "shop",
	},
}

test_good_2 if {
	found := quota_missing.findings with input as {"set": [resource_good_2_1, resource_good_2_2, resource_good_2_3], "context": {"environment": "production"}, "parameters": {"everywhere": false}}
	{finding.pointer | some finding in found} == set()
}

resource_good_2_1 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "shop",
	},
}

resource_good_2_2 := {
	"apiVersion": "v1",
	"kind": "ResourceQuota",
	"metadata": {
		"name": "all",
		"namespace": "shop",
	},
	"spec": {},
}

resource_good_2_3 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "kube-system",
	},
}

test_bad_1 if {
	found := quota_missing.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2, resource_bad_1_3], "context": {"environment": "production"}, "parameters": {"everywhere": false}}
	{finding.pointer | some finding in found} == {""}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "shop",
	},
}

resource_bad_1_2 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "pay",
	},
}

resource_bad_1_3 := {
	"apiVersion": "v1",
	"kind": "ResourceQuota",
	"metadata": {
		"name": "all",
		"namespace": "shop",
	},
	"spec": {},
}

test_everywhere if {
	found := quota_missing.findings with input as {"set": [resource_good_1_1], "context": {"environment": "production"}, "parameters": {"everywhere": true}}
	{finding.resource | some finding in found} == {0}
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := quota_missing.findings with input as {"set": [resource_bad_configured_1], "context": {"environment": "production"}, "parameters": {"everywhere": true}}
		some finding in found
	}
	pointers == {""}
}

resource_bad_configured_1 := {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
