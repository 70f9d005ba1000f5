package auditor.terraform.required_version_missing_test

import data.auditor.terraform.required_version_missing

test_good if {
	count(required_version_missing.findings) == 0 with input as {"set": [resource_good_1, resource_good_2], "context": {"environment": "production"}, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		found := required_version_missing.findings with input as {"set": [resource_bad_1, resource_bad_2], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"body.required_version"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "backend.tf",
		"namespace": "infra",
	},
	"body": {},
}

resource_good_2 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "versions.tf",
		"namespace": "infra",
	},
	"body": {
		"required_version": "~> 1.9",
	},
}

resource_bad_1 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "backend.tf",
		"namespace": "infra",
	},
	"body": {},
}

resource_bad_2 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "versions.tf",
		"namespace": "infra",
	},
	"body": {},
}
