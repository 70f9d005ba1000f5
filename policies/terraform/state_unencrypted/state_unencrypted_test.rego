package auditor.terraform.state_unencrypted_test

import data.auditor.terraform.state_unencrypted

test_good_1 if {
	count(state_unencrypted.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := state_unencrypted.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.backend.s3"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := state_unencrypted.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.backend.http"}
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
			"s3": [
				{
					"bucket": "state",
					"encrypt": true,
				},
			],
			"http": [
				{
					"address": "https://state.example.org",
				},
			],
		},
	},
}

resource_bad_1_1 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "backend.tf",
		"namespace": "infra",
	},
	"body": {
		"backend": {
			"s3": [
				{
					"bucket": "state",
				},
			],
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "backend.tf",
		"namespace": "infra",
	},
	"body": {
		"backend": {
			"http": [
				{
					"address": "http://state.example.org",
				},
			],
		},
	},
}
