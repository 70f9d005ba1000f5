# METADATA
# title: "A route takes a wildcard host, or every host"
# description: >-
#   It answers for names that nobody reviewed and can take traffic from other teams' names. An
#   HTTPRoute without hostnames takes its Gateway's and is not judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
# custom:
#   id: AUD-NET-0003
#   severity: low
#   kinds:
#     - networking.k8s.io/Ingress
#     - extensions/Ingress
#     - gateway.networking.k8s.io/HTTPRoute
#   remediation: >-
#     Name the hosts.
#   reads:
#     - kind
#     - spec.hostnames
#     - spec.rules[].host
#   since: 0.1.0
package auditor.network.wildcard_host

import data.auditor.lib.text

findings contains {
	"message": sprintf("rule %d takes %s", [index, shown(host)]),
	"pointer": sprintf("spec.rules[%d].host", [index]),
	"details": {"host": host},
} if {
	input.resource.kind == "Ingress"
	some index, entry in input.resource.spec.rules
	host := object.get(entry, "host", "")
	wildcard(host)
}

findings contains {
	"message": sprintf("the route takes %s", [host]),
	"pointer": sprintf("spec.hostnames[%d]", [index]),
	"details": {"host": host},
} if {
	input.resource.kind == "HTTPRoute"
	some index, host in input.resource.spec.hostnames
	wildcard(host)
}

wildcard(host) if host == ""

wildcard(host) if startswith(host, "*")

shown(host) := text.plain("every host") if host == ""

shown(host) := host if host != ""
