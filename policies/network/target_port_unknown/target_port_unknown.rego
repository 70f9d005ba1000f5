# METADATA
# title: "A Service names a port that no container has"
# description: >-
#   A target port by name is looked up among the ports of the pods that the Service selects. Where
#   none has it, the Service has no endpoints for the port.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
# custom:
#   id: AUD-NET-0013
#   severity: high
#   scope: environment
#   about:
#     - Service
#   kinds:
#     - Service
#     - Pod
#     - ReplicationController
#     - apps/DaemonSet
#     - apps/Deployment
#     - apps/ReplicaSet
#     - apps/StatefulSet
#   remediation: >-
#     Give the container's port that name, or use its number.
#   reads:
#     - metadata.labels
#     - spec.ports
#     - spec.selector
#     - workload.containers[].ports
#     - workload.pod_metadata.labels
#   since: 0.1.0
package auditor.network.target_port_unknown

import data.auditor.lib.selector
import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("no container behind the Service has a port named %s", [target]),
	"pointer": sprintf("spec.ports%s.targetPort", [text.entry_key(number, port)]),
	"details": {"port": target},
	"resource": index,
} if {
	some index, service in input.set
	service.kind == "Service"
	namespace := set.namespace(service)
	some number, port in service.spec.ports
	target := port.targetPort
	text.is_known(target)
	behind := [workload | some workload in set.in_namespace[namespace]; selector.picks(service.spec.selector, workload.labels)]
	count(behind) > 0
	not has_port(behind, target)
}

has_port(behind, name) if {
	some workload in behind
	some field in ["containers", "initContainers"]
	some container in workload.pod[field]
	some port in container.ports
	port.name == name
}
