package auditor.terraform.provider_open_ended_test

import data.auditor.terraform.provider_open_ended

test_good_1 if {
	count(provider_open_ended.findings) == 0 with input as {"set": [resource_good_1_1, resource_good_1_2], "context": {"environment": "production"}, "parameters": {}}
}

test_good_2 if {
	count(provider_open_ended.findings) == 0 with input as {"set": [resource_good_2_1], "context": {"environment": "production"}, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		found := provider_open_ended.findings with input as {"set": [resource_bad_1, resource_bad_2], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"body.required_providers[0].aws", "body.required_providers[0].random"}
}

resource_good_1_1 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "versions.tf",
		"namespace": "modules/network",
	},
	"body": {
		"required_providers": [
			{
				"aws": {
					"source": "hashicorp/aws",
					"version": ">= 5.0",
				},
			},
		],
	},
}

resource_good_1_2 := {
	"apiVersion": "terraform/v1",
	"kind": "provider",
	"metadata": {
		"name": "aws",
		"namespace": "infra",
	},
	"body": {
		"region": "eu-central-1",
	},
}

resource_good_2_1 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "versions.tf",
		"namespace": "infra",
	},
	"body": {
		"backend": {
			"s3": [
				{
					"bucket": "state",
				},
			],
		},
		"required_providers": [
			{
				"aws": {
					"version": ">= 5.0, < 6.0",
				},
			},
		],
	},
}

resource_bad_1 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "versions.tf",
		"namespace": "infra",
	},
	"body": {
		"backend": {
			"s3": [
				{
					"bucket": "state",
				},
			],
		},
		"required_providers": [
			{
				"aws": {
					"version": ">= 5.0",
				},
				"random": ">= 3.0",
			},
		],
	},
}

resource_bad_2 := {
	"apiVersion": "terraform/v1",
	"kind": "provider",
	"metadata": {
		"name": "aws",
		"namespace": "infra",
	},
	"body": {},
}
