# METADATA
# title: "A container takes a port of the host"
# description: >-
#   A hostPort opens the node's own address, past Services and most network policies.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0012
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Remove hostPort and publish the program with a Service.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].ports[].hostPort
#     - workload.containers[].ports[].name
#   since: 0.1.0
package auditor.pod_security.host_port

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s takes port %d of the host", [container.name, port.hostPort]),
	"pointer": sprintf("%s.ports%s.hostPort", [container.pointer, text.entry_key(index, port)]),
	"details": {"container": container.name, "port": port.hostPort},
} if {
	some container in workload.containers
	some index, port in container.value.ports
	is_number(port.hostPort)
	port.hostPort != 0
}
