# METADATA
# title: "A container has no memory limit"
# description: >-
#   Without a limit one leaking container takes the node's memory, and the kernel ends other
#   people's processes. Ephemeral containers cannot have one and are left out.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: AUD-RES-0001
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Set `resources.limits.memory` from what the program was seen to use.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].resources
#     - workload.pod.resources
#   since: 0.1.0
package auditor.resources.memory_limit_missing

import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s has no memory limit", [container.name]),
	"pointer": sprintf("%s.resources.limits.memory", [container.pointer]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	container.type != "ephemeralContainers"
	not limited(container)
}

limited(container) if container.value.resources.limits.memory != null

limited(_) if workload.pod.resources.limits.memory != null
