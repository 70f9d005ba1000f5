# METADATA
# title: "A firewall lets the whole internet in"
# description: >-
#   A port other than those of the parameter `ports` (80 and 443, where the public web is) is open to
#   every address. Rules whose ports or networks are expressions are not judged.
# related_resources:
#   - ref: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
#   - ref: https://cloud.google.com/firewall/docs/firewalls
#   - ref: https://learn.microsoft.com/en-us/azure/virtual-network/network-security-groups-overview
# custom:
#   id: AUD-TF-0008
#   severity: high
#   kinds:
#     - terraform/aws_security_group
#     - terraform/aws_default_security_group
#     - terraform/aws_security_group_rule
#     - terraform/aws_vpc_security_group_ingress_rule
#     - terraform/google_compute_firewall
#     - terraform/azurerm_network_security_rule
#     - terraform/azurerm_network_security_group
#   remediation: >-
#     Name the networks that need it, or reach it through a VPN, a bastion or the provider's session
#     service.
#   reads:
#     - kind
#     - body
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       ports:
#         type: array
#         items: {type: integer}
#         default: [80, 443]
#         description: Ports that may be open to everyone.
package auditor.terraform.ingress_open

import data.auditor.lib.terraform

findings contains {
	"message": sprintf("%s is open to %s", [rule.ports, rule.network]),
	"pointer": rule.pointer,
	"details": {"network": rule.network, "ports": rule.ports},
} if {
	some rule in open_rules
}

# AWS: blocks of a group, and rules that stand alone.
open_rules contains {"network": network, "ports": words(rule.value), "pointer": sprintf("%s.%s", [rule.pointer, field])} if {
	some rule in aws_rules
	some field in ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"]
	some network in terraform.as_list(object.get(rule.value, field, null))
	terraform.is_everywhere(network)
	not is_message(rule.value)
	opens(rule.value)
}

aws_rules contains block if {
	input.resource.kind in {"aws_security_group", "aws_default_security_group"}
	some block in terraform.blocks.ingress
}

aws_rules contains {"value": input.resource.body, "pointer": "body"} if {
	input.resource.kind == "aws_security_group_rule"
	input.resource.body.type == "ingress"
}

aws_rules contains {"value": input.resource.body, "pointer": "body"} if {
	input.resource.kind == "aws_vpc_security_group_ingress_rule"
}

protocol(rule) := format_int(value, 10) if {
	value := protocol_of(rule)
	is_number(value)
}

protocol(rule) := lower(value) if {
	value := protocol_of(rule)
	is_string(value)
}

protocol_of(rule) := object.get(rule, "protocol", object.get(rule, "ip_protocol", "tcp"))

is_message(rule) if protocol(rule) in {"icmp", "icmpv6", "1", "58"}

opens(rule) if protocol(rule) in {"-1", "all"}

opens(rule) if {
	is_number(rule.from_port)
	is_number(rule.to_port)
	not is_allowed(rule)
}

is_allowed(rule) if {
	rule.from_port == rule.to_port
	rule.from_port in input.parameters.ports
}

words(rule) := sprintf("port %d to %d", [rule.from_port, rule.to_port]) if {
	is_number(rule.from_port)
	is_number(rule.to_port)
	rule.from_port != rule.to_port
	not is_every(rule)
}

words(rule) := sprintf("port %d", [rule.from_port]) if {
	is_number(rule.from_port)
	rule.from_port == rule.to_port
	not is_every(rule)
}

words(rule) := "every port" if is_every(rule)

is_every(rule) if protocol(rule) in {"-1", "all"}

# Google: a firewall rule with sources.
open_rules contains {"network": network, "ports": port_words(port), "pointer": sprintf("%s.ports", [allow.pointer])} if {
	input.resource.kind == "google_compute_firewall"
	object.get(input.resource.body, "direction", "INGRESS") == "INGRESS"
	some network in input.resource.body.source_ranges
	terraform.is_everywhere(network)
	some allow in terraform.blocks.allow
	not is_message(allow.value)
	some port in object.get(allow.value, "ports", ["0-65535"])
	is_open_port(port)
}

# Azure: a rule that stands alone, or a block of a group.
open_rules contains {"network": network, "ports": port_words(port), "pointer": sprintf("%s.%s", [rule.pointer, field])} if {
	some rule in azure_rules
	rule.value.direction == "Inbound"
	rule.value.access == "Allow"
	some source in ["source_address_prefix", "source_address_prefixes"]
	some network in terraform.as_list(object.get(rule.value, source, null))
	terraform.is_everywhere(network)
	not is_message(rule.value)
	some field in ["destination_port_range", "destination_port_ranges"]
	some port in terraform.as_list(object.get(rule.value, field, null))
	is_open_port(port)
}

azure_rules contains {"value": input.resource.body, "pointer": "body"} if input.resource.kind == "azurerm_network_security_rule"

azure_rules contains block if {
	input.resource.kind == "azurerm_network_security_group"
	some block in terraform.blocks.security_rule
}

# A port or range as text, "*" for all; a range within the allowed ones does not exist.
is_open_port(port) if port == "*"

is_open_port(port) if {
	is_number(port)
	not port in input.parameters.ports
}

is_open_port(port) if {
	regex.match(`^[0-9]+$`, port)
	not to_number(port) in input.parameters.ports
}

is_open_port(port) if {
	regex.match(`^[0-9]+-[0-9]+$`, port)
	ends := [to_number(part) | some part in split(port, "-")]
	not is_one_allowed(ends)
}

is_one_allowed(ends) if {
	ends[0] == ends[1]
	ends[0] in input.parameters.ports
}

port_words(port) := "every port" if port in {"*", "0-65535", "1-65535"}

port_words(port) := sprintf("port %s", [port]) if {
	is_string(port)
	not port in {"*", "0-65535", "1-65535"}
}

port_words(port) := sprintf("port %d", [port]) if is_number(port)
