# METADATA
# title: "Memory is given in thousandths of a byte"
# description: >-
#   `memory: 512m` is half a byte, not 512 megabytes: `m` means thousandths. The container is
#   ended at once for want of memory, or the request is worth nothing.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory
# custom:
#   id: AUD-RES-0005
#   severity: high
#   kinds:
#     - workload
#   remediation: >-
#     Write `Mi`.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].resources
#   since: 0.1.0
package auditor.resources.memory_in_fractions

import data.auditor.lib.quantity
import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s has %s of %s, which is a fraction of bytes", [container.name, value, resource]),
	"pointer": sprintf("%s.resources.%s%s", [container.pointer, field, text.field_key(resource)]),
	"details": {"resource": resource, "value": value},
} if {
	some container in workload.containers
	some field in ["requests", "limits"]
	some resource in ["memory", "ephemeral-storage"]
	value := container.value.resources[field][resource]
	quantity.is_fraction(value)
}
