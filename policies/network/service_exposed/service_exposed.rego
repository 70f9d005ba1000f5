# METADATA
# title: "A Service is opened to the outside"
# description: >-
#   A NodePort opens a port on every node, a LoadBalancer an address: past the ingress, its TLS
#   and its logs. Whether the load balancer is internal only is up to the provider and is not
#   judged, unless a class or an annotation of the provider says internal, or every address that is
#   asked for (`loadBalancerIP`, or what Cilium, kube-vip and MetalLB read) is one of a private
#   network. Source ranges that leave everybody in (a prefix of /0) do not restrict.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
# custom:
#   id: AUD-NET-0001
#   severity: medium
#   kinds:
#     - Service
#   remediation: >-
#     Use ClusterIP behind an Ingress or Gateway, or restrict a LoadBalancer with
#     `loadBalancerSourceRanges`.
#   reads:
#     - metadata.annotations
#     - spec.loadBalancerClass
#     - spec.loadBalancerIP
#     - spec.loadBalancerSourceRanges
#     - spec.type
#   since: 0.1.0
package auditor.network.service_exposed

import data.auditor.lib.text

findings contains {
	"message": sprintf("the Service is of type %s", [type]),
	"pointer": "spec.type",
	"details": {"type": type},
} if {
	type := input.resource.spec.type
	type in {"NodePort", "LoadBalancer"}
	not restricted
	not kept_inside
}

restricted if {
	input.resource.spec.type == "LoadBalancer"
	count(input.resource.spec.loadBalancerSourceRanges) > 0
	not lets_everybody_in
}

lets_everybody_in if {
	some range in input.resource.spec.loadBalancerSourceRanges
	endswith(range, "/0")
}

kept_inside if {
	some name, value in input.resource.metadata.annotations
	contains(lower(name), "internal")
	lower(value) != "false"
}

kept_inside if {
	some name, value in input.resource.metadata.annotations
	contains(lower(name), "load-balancer")
	lower(value) == "internal"
}

kept_inside if contains(lower(input.resource.spec.loadBalancerClass), "internal")

kept_inside if {
	input.resource.spec.type == "LoadBalancer"
	count(asked_for) > 0
	count([address | some address in asked_for; not is_private(address)]) == 0
}

asked_for contains address if {
	address := text.plain(input.resource.spec.loadBalancerIP)
	address != ""
}

asked_for contains address if {
	some name in [
		"io.cilium/lb-ipam-ips",
		"kube-vip.io/loadbalancerIPs",
		"lbipam.cilium.io/ips",
		"metallb.io/loadBalancerIPs",
		"metallb.universe.tf/loadBalancerIPs",
	]
	some part in split(input.resource.metadata.annotations[name], ",")
	address := text.plain(trim_space(part))
}

# RFC 1918, and the unique local addresses of RFC 4193.
is_private(address) if regex.match(`^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|[fF][cCdD][0-9a-fA-F]{2}:)`, address)
