package auditor.terraform.provider_floating_test

import data.auditor.terraform.provider_floating

test_good_1 if {
	count(provider_floating.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := provider_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.required_providers[0].aws"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "terraform",
	"metadata": {
		"name": "versions.tf",
		"namespace": "infra",
	},
	"body": {
		"required_providers": [
			{
				"aws": {
					"source": "hashicorp/aws",
					"version": "~> 5.60",
				},
				"google": "~> 6.1",
				"terraform": {
					"source": "terraform.io/builtin/terraform",
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
		"required_providers": [
			{
				"aws": {
					"source": "hashicorp/aws",
				},
			},
		],
	},
}
