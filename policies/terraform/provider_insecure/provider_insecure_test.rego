package auditor.terraform.provider_insecure_test

import data.auditor.terraform.provider_insecure

test_good_1 if {
	count(provider_insecure.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := provider_insecure.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.insecure"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "provider",
	"metadata": {
		"name": "kubernetes",
		"namespace": "infra",
	},
	"body": {
		"host": "https://cluster.example.org",
	},
}

resource_bad_1 := {
	"apiVersion": "terraform/v1",
	"kind": "provider",
	"metadata": {
		"name": "kubernetes",
		"namespace": "infra",
	},
	"body": {
		"host": "https://cluster.example.org",
		"insecure": true,
	},
}
