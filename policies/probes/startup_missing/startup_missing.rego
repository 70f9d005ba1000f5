# METADATA
# title: "A long initial delay stands in for a startup probe"
# description: >-
#   With a liveness probe that waits long before its first check, a program that hangs soon after
#   it started is noticed as late, and one that once needs longer to start is restarted in the
#   middle. The parameter `seconds` says how long is long.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/probes/
# custom:
#   id: AUD-PROBE-0005
#   severity: low
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#   remediation: >-
#     Add a startupProbe (failureThreshold × periodSeconds is the time it may take) and drop the
#     delay.
#   reads:
#     - workload.containers[].livenessProbe
#     - workload.containers[].name
#     - workload.containers[].ports
#     - workload.containers[].readinessProbe
#     - workload.containers[].startupProbe
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       seconds:
#         type: integer
#         minimum: 0
#         default: 60
#         description: A longer initial delay than this is a finding.
package auditor.probes.startup_missing

import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s is not checked for %d s after its start, and has no startupProbe", [container.name, delay]),
	"pointer": sprintf("%s.livenessProbe.initialDelaySeconds", [container.pointer]),
	"details": {"container": container.name, "seconds": delay},
} if {
	some container in workload.containers
	delay := container.value.livenessProbe.initialDelaySeconds
	is_number(delay)
	delay > input.parameters.seconds
	probe := object.get(container.value, "startupProbe", null)
	not is_object(probe)
}
