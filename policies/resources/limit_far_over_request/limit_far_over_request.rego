# METADATA
# title: "A limit is far over the request"
# description: >-
#   The scheduler reserves the request only, so pods that use their limits overfill the node. How
#   far is too far is the organisation's choice: the parameter `ratios` gives the greatest limit
#   as a multiple of the request for each resource; while it is empty nothing is judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: AUD-RES-0006
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Raise the request towards what the program uses, or lower the limit.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].resources
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       ratios:
#         type: object
#         additionalProperties:
#           type: number
#           minimum: 1
#         default: {}
#         description: 'Resource → the greatest limit as a multiple of the request, such as {memory:
#           2}.'
package auditor.resources.limit_far_over_request

import data.auditor.lib.quantity
import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s may use %v of %s with %v requested, over %v times as much", [container.name, limit, resource, requested, ratio]),
	"pointer": sprintf("%s.resources.limits%s", [container.pointer, text.field_key(resource)]),
	"details": {"resource": resource, "request": requested, "limit": limit},
} if {
	some resource, ratio in input.parameters.ratios
	some container in workload.containers
	limit := container.value.resources.limits[resource]
	requested := container.value.resources.requests[resource]
	quantity.of(requested) > 0
	quantity.of(limit) > quantity.of(requested) * ratio
}
