# METADATA
# title: "A workload takes traffic from every pod"
# description: >-
#   No NetworkPolicy in its namespace selects its pods for incoming traffic, so every pod of the
#   cluster reaches them. Where a namespace has no policy at all, that is one finding on the
#   Namespace where it is declared here, else one on each workload. Pods on the host's network are
#   left out, since policies do not hold for them; so are Jobs, which are not asked anything.
#   Workloads that name no namespace are judged only beside policies that name none either.
#   Cilium's policies are read; policies of Calico and admin policies count as covering.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   id: AUD-NET-0009
#   severity: low
#   scope: environment
#   kinds:
#     - Pod
#     - ReplicationController
#     - apps/DaemonSet
#     - apps/Deployment
#     - apps/ReplicaSet
#     - apps/StatefulSet
#     - Namespace
#     - networking.k8s.io/NetworkPolicy
#     - cilium.io/CiliumNetworkPolicy
#     - cilium.io/CiliumClusterwideNetworkPolicy
#     - crd.projectcalico.org/NetworkPolicy
#     - crd.projectcalico.org/GlobalNetworkPolicy
#     - projectcalico.org/NetworkPolicy
#     - projectcalico.org/GlobalNetworkPolicy
#   remediation: >-
#     Deny incoming traffic in the namespace (`podSelector: {}`, `policyTypes: [Ingress]`) and
#     allow what is needed.
#   reads:
#     - spec.endpointSelector
#     - spec.ingress
#     - spec.podSelector
#     - spec.policyTypes
#     - specs
#     - workload.pod.hostNetwork
#     - workload.pod_metadata.labels
#   since: 0.1.0
package auditor.network.workload_without_policy

import data.auditor.lib.network
import data.auditor.lib.set

findings contains {
	"message": sprintf("no NetworkPolicy selects the pods of %s %s", [workload.kind, workload.name]),
	"pointer": "",
	"details": {"namespace": workload.namespace},
	"resource": workload.index,
} if {
	some namespace in open_namespaces
	has_policy_or_is_undeclared(namespace)
	some workload in set.lasting[namespace]
	is_open_to_others(workload, object.get(network.isolating, namespace, []))
}

findings contains {
	"message": sprintf("the namespace %s has no NetworkPolicy for incoming traffic and %d workloads", [namespace, count(set.lasting[namespace])]),
	"pointer": "",
	"details": {"namespace": namespace},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind == "Namespace"
	namespace := set.name(manifest)
	namespace in open_namespaces
	not network.isolating[namespace]
}

open_namespaces contains namespace if {
	not network.covers_cluster
	some namespace, workloads in set.lasting
	is_placed(namespace)
	not namespace in network.foreign
	some workload in workloads
	is_open_to_others(workload, object.get(network.isolating, namespace, []))
}

is_placed(namespace) if namespace != ""

is_placed(namespace) if count(network.isolating[namespace]) > 0

is_open_to_others(workload, policies) if {
	not on_host_network(workload)
	not network.is_isolated(workload, policies)
}

on_host_network(workload) if workload.pod.hostNetwork == true

has_policy_or_is_undeclared(namespace) if count(network.isolating[namespace]) > 0

has_policy_or_is_undeclared(namespace) if not namespace in declared

declared contains name if {
	some manifest in input.set
	manifest.kind == "Namespace"
	name := set.name(manifest)
}
