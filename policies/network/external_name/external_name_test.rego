package auditor.network.external_name_test

import data.auditor.network.external_name

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := external_name.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"app": "web",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := external_name.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.externalName"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"type": "ExternalName",
		"externalName": "db.example.com",
	},
}
