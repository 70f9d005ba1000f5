# METADATA
# title: "A namespace with policies has no default"
# description: >-
#   Its NetworkPolicies select some pods; a workload that is added and that none of them selects
#   takes traffic from every pod, and nobody notices. Namespaces without any policy are a finding
#   of AUD-NET-0009.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic
# custom:
#   id: AUD-NET-0010
#   severity: low
#   scope: environment
#   about:
#     - Namespace
#   kinds:
#     - Namespace
#     - networking.k8s.io/NetworkPolicy
#     - cilium.io/CiliumNetworkPolicy
#     - cilium.io/CiliumClusterwideNetworkPolicy
#     - crd.projectcalico.org/NetworkPolicy
#     - crd.projectcalico.org/GlobalNetworkPolicy
#     - projectcalico.org/NetworkPolicy
#     - projectcalico.org/GlobalNetworkPolicy
#   remediation: >-
#     Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress]`.
#   reads:
#     - spec.endpointSelector
#     - spec.ingress
#     - spec.podSelector
#     - spec.policyTypes
#     - specs
#   since: 0.1.0
package auditor.network.no_default_deny

import data.auditor.lib.network
import data.auditor.lib.selector
import data.auditor.lib.set

findings contains {
	"message": sprintf("no NetworkPolicy of the namespace %s denies incoming traffic by default", [namespace]),
	"pointer": "",
	"details": {},
	"resource": index,
} if {
	not network.covers_cluster
	some index, manifest in input.set
	manifest.kind == "Namespace"
	namespace := set.name(manifest)
	count(network.isolating[namespace]) > 0
	not namespace in network.foreign
	not has_default(namespace)
}

has_default(namespace) if {
	some wanted in network.isolating[namespace]
	selector.is_empty(wanted)
}
