package auditor.terraform.state_local_test

import data.auditor.terraform.state_local

test_good_1 if {
	count(state_local.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := state_local.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.backend.local"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "backend.tf",
		"namespace": "infra",
	},
	"body": {
		"backend": {
			"gcs": [
				{
					"bucket": "state",
				},
			],
		},
	},
}

resource_bad_1 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "backend.tf",
		"namespace": "infra",
	},
	"body": {
		"backend": {
			"local": [
				{
					"path": "terraform.tfstate",
				},
			],
		},
	},
}
