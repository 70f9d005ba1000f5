package auditor.terraform.public_access_not_blocked_test

import data.auditor.terraform.public_access_not_blocked

test_good_1 if {
	count(public_access_not_blocked.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := public_access_not_blocked.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.block_public_policy", "body.restrict_public_buckets"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_bucket_public_access_block",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"block_public_acls": true,
		"block_public_policy": true,
		"ignore_public_acls": "${var.strict}",
		"restrict_public_buckets": true,
	},
}

resource_bad_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_bucket_public_access_block",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"block_public_acls": true,
		"block_public_policy": false,
		"ignore_public_acls": true,
	},
}
