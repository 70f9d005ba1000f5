# METADATA
# title: "A Service stands for a name outside the cluster"
# description: >-
#   What talks to the Service talks to whoever holds that name, past NetworkPolicies, and an
#   ingress that routes to it lends the outside its host name. Names inside the cluster
#   (`….svc.cluster.local`) reach over namespaces in the same way.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/#externalname
# custom:
#   id: AUD-NET-0006
#   severity: low
#   kinds:
#     - Service
#   remediation: >-
#     Use the name where it is needed, or an egress gateway; keep such Services out of ingress
#     backends.
#   reads:
#     - spec.externalName
#     - spec.type
#   since: 0.1.0
package auditor.network.external_name

import data.auditor.lib.text

findings contains {
	"message": sprintf("the Service stands for %s", [text.plain(object.get(input.resource.spec, "externalName", "a name"))]),
	"pointer": "spec.externalName",
	"details": {},
} if {
	input.resource.spec.type == "ExternalName"
}
