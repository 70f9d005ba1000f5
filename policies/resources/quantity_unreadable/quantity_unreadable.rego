# METADATA
# title: "A quantity of resources cannot be read"
# description: >-
#   The API server refuses it: `512MB`, `1 Gi`, `2Gb` and `1K` are no quantities. Schemas take any
#   text there, so nothing else says so before it is applied.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
# custom:
#   id: AUD-RES-0004
#   severity: high
#   kinds:
#     - workload
#   remediation: >-
#     Write Ki, Mi, Gi (powers of 1024), k, M, G (powers of 1000), or m for thousandths, without a
#     space.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].resources
#   since: 0.1.0
package auditor.resources.quantity_unreadable

import data.auditor.lib.quantity
import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s has %s for %s, which is no quantity", [container.name, text.quoted(value), resource]),
	"pointer": sprintf("%s.resources.%s%s", [container.pointer, field, text.field_key(resource)]),
	"details": {"resource": resource, "value": value},
} if {
	some container in workload.containers
	some field in ["requests", "limits"]
	some resource, value in container.value.resources[field]
	quantity.is_broken(value)
}
