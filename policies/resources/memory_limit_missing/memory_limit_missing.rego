# METADATA
# title: "A container has no memory limit"
# description: >-
#   Without a limit one leaking container takes the node's memory, and the kernel ends other
#   people's processes. Ephemeral containers cannot have one and are left out; the pod's own limit
#   counts. A CPU limit is not asked for, since it slows programs down while CPU is idle; the
#   parameter `resources` asks for it, or for ephemeral-storage.
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
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       resources:
#         type: array
#         items:
#           type: string
#           enum:
#           - cpu
#           - memory
#           - ephemeral-storage
#         default:
#         - memory
#         description: Which limits are asked for.
package auditor.resources.memory_limit_missing

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s has no %s limit", [container.name, resource]),
	"pointer": sprintf("%s.resources.limits%s", [container.pointer, text.field_key(resource)]),
	"details": {"container": container.name, "resource": resource},
} if {
	some container in workload.containers
	container.type != "ephemeralContainers"
	some resource in input.parameters.resources
	not limited(container, resource)
}

limited(container, resource) if container.value.resources.limits[resource] != null

limited(_, resource) if workload.pod.resources.limits[resource] != null
