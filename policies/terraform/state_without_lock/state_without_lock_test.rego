package auditor.terraform.state_without_lock_test

import data.auditor.terraform.state_without_lock

test_good_1 if {
	count(state_without_lock.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(state_without_lock.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(state_without_lock.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := state_without_lock.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.backend.s3"}
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
					"use_lockfile": true,
				},
			],
		},
	},
}

resource_good_2 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "backend.tf",
		"namespace": "partial",
	},
	"body": {
		"backend": {
			"s3": [
				{},
			],
		},
	},
}

resource_good_3 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "backend.tf",
		"namespace": "gcs",
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
			"s3": [
				{
					"bucket": "state",
					"use_lockfile": false,
				},
			],
		},
	},
}
