package auditor.terraform.public_bucket_test

import data.auditor.terraform.public_bucket

test_good_1 if {
	count(public_bucket.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(public_bucket.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(public_bucket.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := public_bucket.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.acl"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1, resource_bad_2_2]
		found := public_bucket.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.member", "body.members"}
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1, resource_bad_3_2]
		found := public_bucket.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.container_access_type", "body.entity"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_bucket_acl",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"acl": "private",
	},
}

resource_good_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_bucket_acl",
	"metadata": {
		"name": "any",
		"namespace": "infra",
	},
	"body": {
		"acl": "${var.acl}",
	},
}

resource_good_3 := {
	"apiVersion": "terraform/v1",
	"kind": "google_storage_bucket_iam_binding",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"members": [
			"group:data@example.org",
		],
	},
}

resource_bad_1_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_s3_bucket",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"acl": "public-read",
	},
}

resource_bad_2_1 := {
	"apiVersion": "terraform/v1",
	"kind": "google_storage_bucket_iam_member",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"member": "allUsers",
	},
}

resource_bad_2_2 := {
	"apiVersion": "terraform/v1",
	"kind": "google_storage_bucket_iam_binding",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"members": [
			"allAuthenticatedUsers",
		],
	},
}

resource_bad_3_1 := {
	"apiVersion": "terraform/v1",
	"kind": "azurerm_storage_container",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"container_access_type": "blob",
	},
}

resource_bad_3_2 := {
	"apiVersion": "terraform/v1",
	"kind": "google_storage_bucket_access_control",
	"metadata": {
		"name": "data",
		"namespace": "infra",
	},
	"body": {
		"entity": "allUsers",
	},
}
