# METADATA
# title: "A probe names a port that the container does not have"
# description: >-
#   A probe's port by name is looked up among the container's own ports. Where it is not there,
#   every probe fails: the pod never becomes ready, or is restarted for ever.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/probes/
# custom:
#   id: AUD-PROBE-0004
#   severity: high
#   kinds:
#     - workload
#   remediation: >-
#     Give the port that name under `ports`, or use its number.
#   reads:
#     - workload.containers[].livenessProbe
#     - workload.containers[].name
#     - workload.containers[].ports
#     - workload.containers[].readinessProbe
#     - workload.containers[].startupProbe
#   since: 0.1.0
package auditor.probes.port_unknown

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s has no port named %s", [container.name, port]),
	"pointer": sprintf("%s.%s.%s.port", [container.pointer, probe, check]),
	"details": {"container": container.name, "port": port},
} if {
	some container in workload.containers
	some probe in ["livenessProbe", "readinessProbe", "startupProbe"]
	some check in ["httpGet", "tcpSocket"]
	port := container.value[probe][check].port
	text.is_known(port)
	not regex.match(`^[0-9]+$`, port)
	not has_port(container, port)
}

has_port(container, name) if {
	some port in container.value.ports
	port.name == name
}
