# METADATA
# title: "A cluster's API is open to the internet"
# description: >-
#   Every address may reach the Kubernetes API; a leaked token or a flaw in it is enough.
# related_resources:
#   - ref: https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/authorized-networks
# custom:
#   id: AUD-TF-0016
#   severity: high
#   kinds:
#     - terraform/aws_eks_cluster
#     - terraform/google_container_cluster
#     - terraform/azurerm_kubernetes_cluster
#   remediation: >-
#     Switch the public endpoint off, or name the networks that may reach it.
#   reads:
#     - kind
#     - body
#   since: 0.1.0
package auditor.terraform.cluster_endpoint_public

import data.auditor.lib.terraform

findings contains {
	"message": "the API's public endpoint takes every address",
	"pointer": sprintf("%s.public_access_cidrs", [config.pointer]),
	"details": {},
} if {
	input.resource.kind == "aws_eks_cluster"
	some config in terraform.blocks.vpc_config
	object.get(config.value, "endpoint_public_access", true) == true
	some network in terraform.as_list(object.get(config.value, "public_access_cidrs", "0.0.0.0/0"))
	terraform.is_everywhere(network)
}

findings contains {
	"message": "every address is authorised",
	"pointer": sprintf("%s.cidr_blocks[%d]", [config.pointer, index]),
	"details": {},
} if {
	input.resource.kind == "google_container_cluster"
	some config in terraform.blocks.master_authorized_networks_config
	some index, entry in config.value.cidr_blocks
	terraform.is_everywhere(entry.cidr_block)
}

findings contains {
	"message": "every address is authorised",
	"pointer": sprintf("%s.authorized_ip_ranges", [profile.pointer]),
	"details": {},
} if {
	input.resource.kind == "azurerm_kubernetes_cluster"
	some profile in terraform.blocks.api_server_access_profile
	some network in profile.value.authorized_ip_ranges
	terraform.is_everywhere(network)
}
