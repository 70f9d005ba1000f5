# METADATA
# title: "A container requests more than its limit"
# description: >-
#   The API server refuses the pod, so a rollout stops and nothing is enforced. Quantities are
#   compared by value: `1024Mi` is `1Gi`, `0.5` is `500m`. Init containers and the pod's own
#   resources are looked at too.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: AUD-RES-0003
#   severity: high
#   kinds:
#     - workload
#   remediation: >-
#     Raise the limit or lower the request.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].resources
#     - workload.pod.resources
#   since: 0.1.0
package auditor.resources.request_over_limit

import data.auditor.lib.quantity
import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("%s requests %v of %s, over its limit of %v", [place.name, requested, resource, limit]),
	"pointer": sprintf("%s.requests%s", [place.pointer, text.field_key(resource)]),
	"details": {"resource": resource, "request": requested, "limit": limit},
} if {
	some place in places
	some resource, requested in place.resources.requests
	limit := place.resources.limits[resource]
	quantity.of(requested) > quantity.of(limit)
}

places contains {"name": sprintf("container %s", [container.name]), "pointer": sprintf("%s.resources", [container.pointer]), "resources": container.value.resources} if {
	some container in workload.containers
	is_object(container.value.resources)
}

places contains {"name": text.plain("the pod"), "pointer": sprintf("%s.resources", [workload.pod_pointer]), "resources": workload.pod.resources} if {
	is_object(workload.pod.resources)
}
