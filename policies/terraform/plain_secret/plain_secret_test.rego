package auditor.terraform.plain_secret_test

import data.auditor.terraform.plain_secret

test_good_1 if {
	count(plain_secret.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(plain_secret.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1, resource_bad_2]
		found := plain_secret.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.default", "body.password"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "variable",
	"metadata": {
		"name": "db_password",
		"namespace": "infra",
	},
	"body": {
		"type": "${string}",
		"sensitive": true,
	},
}

resource_good_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_db_instance",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"password": "${var.db_password}",
	},
}

resource_bad_1 := {
	"apiVersion": "terraform/v1",
	"kind": "variable",
	"metadata": {
		"name": "db_password",
		"namespace": "infra",
	},
	"body": {
		"default": "auditor-redacted:credential:0123456789abcdef",
	},
}

resource_bad_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_db_instance",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"password": "auditor-redacted:credential:0123456789abcdef",
	},
}
