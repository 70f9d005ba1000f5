# METADATA
# title: "The liveness probe is the readiness probe"
# description: >-
#   Whatever makes the container unready restarts it just as soon: a slow database turns into
#   restarts of every replica at once. The same check is fine for liveness where it takes longer
#   to fail (a greater failureThreshold or periodSeconds).
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/probes/
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
# custom:
#   id: AUD-PROBE-0003
#   severity: low
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#   remediation: >-
#     Raise the liveness probe's failureThreshold, or let it check only what a restart cures.
#   reads:
#     - workload.containers[].livenessProbe
#     - workload.containers[].name
#     - workload.containers[].ports
#     - workload.containers[].readinessProbe
#     - workload.containers[].startupProbe
#   since: 0.1.0
package auditor.probes.liveness_like_readiness

import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s is restarted as soon as it is unready: both probes make the same check", [container.name]),
	"pointer": sprintf("%s.livenessProbe", [container.pointer]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	liveness := container.value.livenessProbe
	readiness := container.value.readinessProbe
	some check in ["exec", "grpc", "httpGet", "tcpSocket"]
	is_object(liveness[check])
	liveness[check] == readiness[check]
	patience(liveness) <= patience(readiness)
}

# Seconds until the probe counts as failed; the defaults are the API server's.
patience(probe) := object.get(probe, "failureThreshold", 3) * object.get(probe, "periodSeconds", 10)
