package auditor.kustomize.secret_literal_test

import data.auditor.kustomize.secret_literal

test_good_1_1 if {
	count(secret_literal.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"secretGenerator": [
		{
			"name": "database",
			"files": [
				"password=database.enc.txt",
			],
		},
		{
			"name": "token",
			"literals": [
				"token=${TOKEN}",
			],
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := secret_literal.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"secretGenerator[name=database].literals"}
}

resource_bad_1_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"secretGenerator": [
		{
			"name": "database",
			"literals": [
				"username=shop",
			],
		},
	],
}

# What was a value before it was read is one still.
test_redacted_literal if {
	pointers := {finding.pointer |
		found := secret_literal.findings with input as {"resource": {"secretGenerator": [{"name": "database", "literals": ["auditor-redacted:secret:0123456789abcdef"]}]}, "parameters": {}}
		some finding in found
	}
	pointers == {"secretGenerator[name=database].literals"}
}
