package auditor.terraform.iam_wildcard_test

import data.auditor.terraform.iam_wildcard

test_good_1 if {
	count(iam_wildcard.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(iam_wildcard.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(iam_wildcard.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_good_4 if {
	count(iam_wildcard.findings) == 0 with input as {"resource": resource_good_4, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1, resource_bad_1_2]
		found := iam_wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.policy", "body.policy.Statement[0]"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := iam_wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.policy"}
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1, resource_bad_3_2, resource_bad_3_3]
		found := iam_wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.policy_arn", "body.role", "body.statement[0]"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_iam_policy",
	"metadata": {
		"name": "read",
		"namespace": "infra",
	},
	"body": {
		"policy": {
			"Version": "2012-10-17",
			"Statement": [
				{
					"Effect": "Allow",
					"Action": [
						"s3:*",
					],
					"Resource": "*",
				},
				{
					"Effect": "Deny",
					"Action": "*",
					"Resource": "*",
				},
			],
		},
	},
}

resource_good_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_iam_policy",
	"metadata": {
		"name": "made",
		"namespace": "infra",
	},
	"body": {
		"policy": "${data.aws_iam_policy_document.read.json}",
	},
}

resource_good_3 := {
	"apiVersion": "terraform/v1",
	"kind": "data.aws_iam_policy_document",
	"metadata": {
		"name": "read",
		"namespace": "infra",
	},
	"body": {
		"statement": [
			{
				"actions": [
					"s3:GetObject",
				],
				"resources": [
					"*",
				],
			},
		],
	},
}

resource_good_4 := {
	"apiVersion": "terraform/v1",
	"kind": "google_project_iam_member",
	"metadata": {
		"name": "viewer",
		"namespace": "infra",
	},
	"body": {
		"role": "roles/viewer",
	},
}

resource_bad_1_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_iam_policy",
	"metadata": {
		"name": "all",
		"namespace": "infra",
	},
	"body": {
		"policy": {
			"Statement": [
				{
					"Effect": "Allow",
					"Action": "*",
					"Resource": [
						"*",
					],
				},
			],
		},
	},
}

resource_bad_1_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_iam_role_policy",
	"metadata": {
		"name": "single",
		"namespace": "infra",
	},
	"body": {
		"policy": {
			"Statement": {
				"Effect": "Allow",
				"Action": [
					"*",
				],
				"Resource": "*",
			},
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_iam_user_policy",
	"metadata": {
		"name": "text",
		"namespace": "infra",
	},
	"body": {
		"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": [\"*\"], \"Resource\": \"*\"}]}",
	},
}

resource_bad_3_1 := {
	"apiVersion": "terraform/v1",
	"kind": "data.aws_iam_policy_document",
	"metadata": {
		"name": "all",
		"namespace": "infra",
	},
	"body": {
		"statement": [
			{
				"actions": [
					"*",
				],
				"resources": [
					"*",
				],
			},
		],
	},
}

resource_bad_3_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_iam_role_policy_attachment",
	"metadata": {
		"name": "admin",
		"namespace": "infra",
	},
	"body": {
		"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess",
	},
}

resource_bad_3_3 := {
	"apiVersion": "terraform/v1",
	"kind": "google_project_iam_member",
	"metadata": {
		"name": "owner",
		"namespace": "infra",
	},
	"body": {
		"role": "roles/owner",
	},
}
