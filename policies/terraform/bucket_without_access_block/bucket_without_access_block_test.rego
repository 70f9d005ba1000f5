package auditor.terraform.bucket_without_access_block_test

import data.auditor.terraform.bucket_without_access_block

test_good_1 if {
	count(bucket_without_access_block.findings) == 0 with input as {"set": [resource_good_1_1, resource_good_1_2], "context": {"environment": "production"}, "parameters": {}}
}

test_good_2 if {
	count(bucket_without_access_block.findings) == 0 with input as {"set": [resource_good_2_1, resource_good_2_2], "context": {"environment": "production"}, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		found := bucket_without_access_block.findings with input as {"set": [resource_bad_1, resource_bad_2], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {""}
}

resource_good_1_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_bucket",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
}

resource_good_1_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_bucket_public_access_block",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
}

resource_good_2_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_bucket",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
}

resource_good_2_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_account_public_access_block",
	"metadata": {
		"name": "all",
		"namespace": "account",
	},
}

resource_bad_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_bucket",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
}

resource_bad_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_bucket_public_access_block",
	"metadata": {
		"name": "data",
		"namespace": "elsewhere",
	},
}
