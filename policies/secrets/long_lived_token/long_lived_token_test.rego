package auditor.secrets.long_lived_token_test

import data.auditor.secrets.long_lived_token

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := long_lived_token.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Secret",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"type": "Opaque",
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := long_lived_token.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"type"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Secret",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"kubernetes.io/service-account.name": "web",
		},
	},
	"type": "kubernetes.io/service-account-token",
}
