package auditor.flux.receiver_without_secret_test

import data.auditor.flux.receiver_without_secret

test_good_1 if {
	count(receiver_without_secret.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := receiver_without_secret.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.secretRef"}
}

resource_good_1 := {
	"apiVersion": "notification.toolkit.fluxcd.io/v1",
	"kind": "Receiver",
	"metadata": {
		"name": "github",
	},
	"spec": {
		"type": "github",
		"secretRef": {
			"name": "receiver-token",
		},
	},
}

resource_bad_1 := {
	"apiVersion": "notification.toolkit.fluxcd.io/v1",
	"kind": "Receiver",
	"metadata": {
		"name": "github",
	},
	"spec": {
		"type": "generic",
	},
}
