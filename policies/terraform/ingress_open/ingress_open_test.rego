package auditor.terraform.ingress_open_test

import data.auditor.terraform.ingress_open

test_good_1 if {
	count(ingress_open.findings) == 0 with input as {"resource": resource_good_1, "parameters": {"ports": [80, 443]}}
}

test_good_2 if {
	count(ingress_open.findings) == 0 with input as {"resource": resource_good_2, "parameters": {"ports": [80, 443]}}
}

test_good_3 if {
	count(ingress_open.findings) == 0 with input as {"resource": resource_good_3, "parameters": {"ports": [80, 443]}}
}

test_good_4 if {
	count(ingress_open.findings) == 0 with input as {"resource": resource_good_4, "parameters": {"ports": [80, 443]}}
}

test_good_5 if {
	count(ingress_open.findings) == 0 with input as {"resource": resource_good_5, "parameters": {"ports": [80, 443]}}
}

test_good_6 if {
	count(ingress_open.findings) == 0 with input as {"resource": resource_good_6, "parameters": {"ports": [80, 443]}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := ingress_open.findings with input as {"resource": resource, "parameters": {"ports": [80, 443]}}
		some finding in found
	}
	pointers == {"body.dynamic.ingress[0].content[0].cidr_blocks", "body.ingress[0].cidr_blocks", "body.ingress[1].ipv6_cidr_blocks", "body.ingress[2].cidr_blocks"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := ingress_open.findings with input as {"resource": resource, "parameters": {"ports": [80, 443]}}
		some finding in found
	}
	pointers == {"body.cidr_ipv4"}
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := ingress_open.findings with input as {"resource": resource, "parameters": {"ports": [80, 443]}}
		some finding in found
	}
	pointers == {"body.cidr_blocks"}
}

test_bad_4 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_4_1]
		found := ingress_open.findings with input as {"resource": resource, "parameters": {"ports": [80, 443]}}
		some finding in found
	}
	pointers == {"body.allow[0].ports", "body.allow[1].ports"}
}

test_bad_5 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_5_1, resource_bad_5_2]
		found := ingress_open.findings with input as {"resource": resource, "parameters": {"ports": [80, 443]}}
		some finding in found
	}
	pointers == {"body.destination_port_range", "body.security_rule[0].destination_port_ranges"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_security_group",
	"metadata": {
		"name": "web",
		"namespace": "infra",
	},
	"body": {
		"ingress": [
			{
				"from_port": 443,
				"to_port": 443,
				"protocol": "tcp",
				"cidr_blocks": [
					"0.0.0.0/0",
				],
			},
			{
				"from_port": 22,
				"to_port": 22,
				"protocol": "tcp",
				"cidr_blocks": [
					"10.0.0.0/8",
					"${var.office}",
				],
			},
			{
				"from_port": 8,
				"to_port": 0,
				"protocol": "icmp",
				"cidr_blocks": [
					"0.0.0.0/0",
				],
			},
			{
				"from_port": "${var.port}",
				"to_port": "${var.port}",
				"protocol": "tcp",
				"cidr_blocks": [
					"0.0.0.0/0",
				],
			},
		],
		"egress": [
			{
				"from_port": 0,
				"to_port": 0,
				"protocol": "-1",
				"cidr_blocks": [
					"0.0.0.0/0",
				],
			},
		],
	},
}

resource_good_2 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_security_group_rule",
	"metadata": {
		"name": "out",
		"namespace": "infra",
	},
	"body": {
		"type": "egress",
		"from_port": 0,
		"to_port": 65535,
		"protocol": "tcp",
		"cidr_blocks": [
			"0.0.0.0/0",
		],
	},
}

resource_good_3 := {
	"apiVersion": "terraform/v1",
	"kind": "google_compute_firewall",
	"metadata": {
		"name": "web",
		"namespace": "infra",
	},
	"body": {
		"source_ranges": [
			"0.0.0.0/0",
		],
		"allow": [
			{
				"protocol": "tcp",
				"ports": [
					"80",
					"443",
					"443-443",
				],
			},
			{
				"protocol": "icmp",
			},
		],
	},
}

resource_good_4 := {
	"apiVersion": "terraform/v1",
	"kind": "google_compute_firewall",
	"metadata": {
		"name": "out",
		"namespace": "infra",
	},
	"body": {
		"direction": "EGRESS",
		"source_ranges": [
			"0.0.0.0/0",
		],
		"allow": [
			{
				"protocol": "tcp",
				"ports": [
					"22",
				],
			},
		],
	},
}

resource_good_5 := {
	"apiVersion": "terraform/v1",
	"kind": "azurerm_network_security_rule",
	"metadata": {
		"name": "web",
		"namespace": "infra",
	},
	"body": {
		"direction": "Inbound",
		"access": "Allow",
		"protocol": "Tcp",
		"source_address_prefix": "Internet",
		"destination_port_range": "443",
	},
}

resource_good_6 := {
	"apiVersion": "terraform/v1",
	"kind": "azurerm_network_security_rule",
	"metadata": {
		"name": "number",
		"namespace": "infra",
	},
	"body": {
		"direction": "Inbound",
		"access": "Allow",
		"protocol": "Tcp",
		"source_address_prefix": "Internet",
		"destination_port_range": 443,
	},
}

resource_bad_1_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_security_group",
	"metadata": {
		"name": "ssh",
		"namespace": "infra",
	},
	"body": {
		"ingress": [
			{
				"from_port": 22,
				"to_port": 22,
				"protocol": "tcp",
				"cidr_blocks": [
					"0.0.0.0/0",
				],
			},
			{
				"from_port": 0,
				"to_port": 65535,
				"protocol": "tcp",
				"ipv6_cidr_blocks": [
					"::/0",
				],
			},
			{
				"from_port": 0,
				"to_port": 0,
				"protocol": -1,
				"cidr_blocks": [
					"0.0.0.0/0",
				],
			},
		],
		"dynamic": {
			"ingress": [
				{
					"for_each": "${var.ports}",
					"content": [
						{
							"from_port": 3389,
							"to_port": 3389,
							"protocol": "tcp",
							"cidr_blocks": [
								"0.0.0.0/0",
							],
						},
					],
				},
			],
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_vpc_security_group_ingress_rule",
	"metadata": {
		"name": "all",
		"namespace": "infra",
	},
	"body": {
		"ip_protocol": "-1",
		"cidr_ipv4": "0.0.0.0/0",
	},
}

resource_bad_3_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_security_group_rule",
	"metadata": {
		"name": "db",
		"namespace": "infra",
	},
	"body": {
		"type": "ingress",
		"from_port": 5432,
		"to_port": 5432,
		"protocol": "tcp",
		"cidr_blocks": [
			"0.0.0.0/0",
		],
	},
}

resource_bad_4_1 := {
	"apiVersion": "terraform/v1",
	"kind": "google_compute_firewall",
	"metadata": {
		"name": "ssh",
		"namespace": "infra",
	},
	"body": {
		"source_ranges": [
			"0.0.0.0/0",
		],
		"allow": [
			{
				"protocol": "tcp",
				"ports": [
					"22",
					"8000-9000",
				],
			},
			{
				"protocol": "udp",
			},
		],
	},
}

resource_bad_5_1 := {
	"apiVersion": "terraform/v1",
	"kind": "azurerm_network_security_rule",
	"metadata": {
		"name": "rdp",
		"namespace": "infra",
	},
	"body": {
		"direction": "Inbound",
		"access": "Allow",
		"protocol": "*",
		"source_address_prefix": "*",
		"destination_port_range": 3389,
	},
}

resource_bad_5_2 := {
	"apiVersion": "terraform/v1",
	"kind": "azurerm_network_security_group",
	"metadata": {
		"name": "all",
		"namespace": "infra",
	},
	"body": {
		"security_rule": [
			{
				"direction": "Inbound",
				"access": "Allow",
				"protocol": "Tcp",
				"source_address_prefixes": [
					"0.0.0.0/0",
				],
				"destination_port_ranges": [
					"22",
					"*",
				],
			},
		],
	},
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := ingress_open.findings with input as {"resource": resource_bad_configured_1, "parameters": {"ports": [443]}}
		some finding in found
	}
	pointers == {"body.cidr_blocks"}
}

resource_bad_configured_1 := {"apiVersion": "terraform/v1", "kind": "aws_security_group_rule", "metadata": {"name": "web", "namespace": "infra"}, "body": {"type": "ingress", "from_port": 80, "to_port": 80, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}}
