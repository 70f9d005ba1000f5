package auditor.terraform.storage_unencrypted_test

import data.auditor.terraform.storage_unencrypted

test_good_1 if {
	count(storage_unencrypted.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(storage_unencrypted.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(storage_unencrypted.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1, resource_bad_2]
		found := storage_unencrypted.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.encrypted", "body.storage_encrypted"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_db_instance",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"storage_encrypted": true,
	},
}

resource_good_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_db_instance",
	"metadata": {
		"name": "replica",
		"namespace": "infra",
	},
	"body": {
		"replicate_source_db": "${aws_db_instance.shop.identifier}",
	},
}

resource_good_3 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_ebs_volume",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"encrypted": "${var.encrypted}",
	},
}

resource_bad_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_db_instance",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"engine": "postgres",
	},
}

resource_bad_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_ebs_volume",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"encrypted": false,
	},
}
