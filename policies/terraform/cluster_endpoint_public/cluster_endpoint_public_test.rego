package auditor.terraform.cluster_endpoint_public_test

import data.auditor.terraform.cluster_endpoint_public

test_good_1 if {
	count(cluster_endpoint_public.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(cluster_endpoint_public.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1, resource_bad_2, resource_bad_3]
		found := cluster_endpoint_public.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.api_server_access_profile[0].authorized_ip_ranges", "body.master_authorized_networks_config[0].cidr_blocks[0]", "body.vpc_config[0].public_access_cidrs"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_eks_cluster",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"vpc_config": [
			{
				"endpoint_public_access": false,
			},
		],
	},
}

resource_good_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_eks_cluster",
	"metadata": {
		"name": "office",
		"namespace": "infra",
	},
	"body": {
		"vpc_config": [
			{
				"public_access_cidrs": [
					"203.0.113.0/24",
				],
			},
		],
	},
}

resource_bad_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_eks_cluster",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"vpc_config": [
			{
				"subnet_ids": "${var.subnets}",
			},
		],
	},
}

resource_bad_2 := {
	"apiVersion": "terraform/v1",
	"kind": "google_container_cluster",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"master_authorized_networks_config": [
			{
				"cidr_blocks": [
					{
						"cidr_block": "0.0.0.0/0",
					},
				],
			},
		],
	},
}

resource_bad_3 := {
	"apiVersion": "terraform/v1",
	"kind": "azurerm_kubernetes_cluster",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"api_server_access_profile": [
			{
				"authorized_ip_ranges": [
					"0.0.0.0/0",
				],
			},
		],
	},
}
