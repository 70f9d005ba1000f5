# METADATA
# title: "A container has no liveness probe"
# description: >-
#   A program that hangs stays, since only one that ends is restarted. Jobs, bare pods, init
#   containers and sidecars (init containers that restart) are not asked for one, nor is a second
#   container that opens no port.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/probes/
# custom:
#   id: AUD-PROBE-0002
#   severity: low
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#   remediation: >-
#     Add a livenessProbe that fails only when a restart helps.
#   reads:
#     - workload.containers[].livenessProbe
#     - workload.containers[].name
#     - workload.containers[].ports
#     - workload.containers[].readinessProbe
#     - workload.containers[].startupProbe
#   since: 0.1.0
package auditor.probes.liveness_missing

import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s has no livenessProbe", [container.name]),
	"pointer": sprintf("%s.livenessProbe", [container.pointer]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	container.type == "containers"
	probe := object.get(container.value, "livenessProbe", null)
	not is_object(probe)
	not helps(container)
}

# A helper beside the program: without ports, in a pod of several containers of which one has ports.
helps(container) if {
	not opens_port(container)
	some other in workload.containers
	other.type == "containers"
	opens_port(other)
}

opens_port(container) if count(container.value.ports) > 0
