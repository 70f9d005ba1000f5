# METADATA
# title: "A NetworkPolicy allows traffic from everywhere"
# description: >-
#   An empty rule under `ingress`, a peer with the prefix /0, or every namespace of the cluster,
#   without ports: the policy looks like protection and is none. For outgoing traffic this is
#   common and is not judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   id: AUD-NET-0004
#   severity: medium
#   kinds:
#     - networking.k8s.io/NetworkPolicy
#   remediation: >-
#     Name the peers or the ports.
#   reads:
#     - spec.ingress
#   since: 0.1.0
package auditor.network.policy_allows_all

import data.auditor.lib.selector

findings contains {
	"message": sprintf("ingress rule %d lets in %s", [index, whom]),
	"pointer": sprintf("spec.ingress[%d]", [index]),
	"details": {},
} if {
	some index, entry in input.resource.spec.ingress
	is_object(entry)
	count(object.get(entry, "ports", [])) == 0
	whom := let_in(entry)
}

let_in(entry) := "everybody" if open(entry)

let_in(entry) := "every pod of the cluster" if {
	not open(entry)
	some peer in entry.from
	is_object(peer.namespaceSelector)
	selector.is_empty(peer.namespaceSelector)
	selector.is_empty(object.get(peer, "podSelector", {}))
}

open(entry) if count(object.get(entry, "from", [])) == 0

open(entry) if {
	some peer in entry.from
	endswith(peer.ipBlock.cidr, "/0")
	count(object.get(peer.ipBlock, "except", [])) == 0
}
