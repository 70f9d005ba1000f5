# METADATA
# title: "A Service is opened to the outside"
# description: >-
#   A NodePort opens a port on every node, a LoadBalancer an address: past the ingress, its TLS
#   and its logs. Whether the load balancer is internal only is up to the provider and is not
#   judged, unless a class or an annotation of the provider says internal. Source ranges that
#   leave everybody in (a prefix of /0) do not restrict.
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
#     - spec.loadBalancerSourceRanges
#     - spec.type
#   since: 0.1.0
package auditor.network.service_exposed

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
