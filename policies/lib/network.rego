# What several rules on the network need: which pods a NetworkPolicy isolates, which paths a route takes.
package auditor.lib.network

import data.auditor.lib.selector
import data.auditor.lib.set

# Policies of others than Kubernetes itself: by the whole cluster, and by namespace. What they select is read for
# Cilium only; a namespace with one of the others counts as covered.
covers_cluster if {
	some manifest in input.set
	manifest.kind in {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "CiliumClusterwideNetworkPolicy", "ClusterNetworkPolicy", "GlobalNetworkPolicy"}
}

foreign contains namespace if {
	some manifest in input.set
	manifest.kind == "NetworkPolicy"
	parts := split(manifest.apiVersion, "/")
	group := parts[0]
	not group in {"networking.k8s.io", "extensions"}
	namespace := set.namespace(manifest)
}

# Namespace → selectors of the policies that isolate pods for incoming traffic.
isolating := {place: wanted |
	all := array.concat(own_selectors, cilium_selectors)
	some place in {one.place | some one in all}
	wanted := [one.wanted | some one in all; one.place == place]
}

own_selectors := [{"place": set.namespace(manifest), "wanted": wanted} |
	some manifest in input.set
	manifest.kind == "NetworkPolicy"
	isolates_ingress(manifest.spec)
	wanted := set.object_or_empty(object.get(manifest.spec, "podSelector", {}))
]

cilium_selectors := [{"place": set.namespace(manifest), "wanted": wanted} |
	some manifest in input.set
	manifest.kind == "CiliumNetworkPolicy"
	some rule in cilium_rules(manifest)
	rule.ingress != null
	wanted := set.object_or_empty(object.get(rule, "endpointSelector", {}))
]

# Without policyTypes a policy is always for incoming traffic.
isolates_ingress(spec) if "Ingress" in object.get(spec, "policyTypes", ["Ingress"])

cilium_rules(manifest) := array.concat([manifest.spec], object.get(manifest, "specs", [])) if manifest.spec

cilium_rules(manifest) := manifest.specs if not manifest.spec

# One of the selectors of its namespace (`isolating`) means it.
is_isolated(workload, selectors) if {
	some wanted in selectors
	selector.matches(wanted, workload.labels)
}
