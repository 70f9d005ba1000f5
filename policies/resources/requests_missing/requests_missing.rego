# METADATA
# title: "A container requests no CPU or memory"
# description: >-
#   The scheduler places the pod as if it needed nothing, so nodes fill up until something is
#   evicted. Ephemeral containers cannot request and are left out; a request is also taken from a
#   limit, or from the pod's own resources. The parameter `resources` says what is asked for.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: AUD-RES-0002
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Set `resources.requests.cpu` and `.memory`.
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
#         - cpu
#         - memory
#         description: Which requests are asked for.
package auditor.resources.requests_missing

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s requests no %s", [container.name, resource]),
	"pointer": sprintf("%s.resources.requests%s", [container.pointer, text.field_key(resource)]),
	"details": {"container": container.name, "resource": resource},
} if {
	some container in workload.containers
	container.type != "ephemeralContainers"
	some resource in input.parameters.resources
	not requested(container, resource)
}

requested(container, resource) if {
	some field in ["requests", "limits"]
	container.value.resources[field][resource] != null
}

requested(_, resource) if {
	some field in ["requests", "limits"]
	workload.pod.resources[field][resource] != null
}
