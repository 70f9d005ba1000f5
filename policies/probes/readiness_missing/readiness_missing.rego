# METADATA
# title: "A container has no readiness probe"
# description: >-
#   Traffic goes to the pod as soon as its process exists, and a rollout goes on although nothing
#   answers. Jobs, bare pods, init containers and sidecars (init containers that restart) are not
#   asked for one, nor is a container to which nothing is sent: it opens no port and no probe asks it
#   over the network.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/probes/
# custom:
#   id: AUD-PROBE-0001
#   severity: low
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#   remediation: >-
#     Add a readinessProbe on what the program answers when it can work.
#   reads:
#     - workload.containers[].livenessProbe
#     - workload.containers[].name
#     - workload.containers[].ports
#     - workload.containers[].readinessProbe
#     - workload.containers[].startupProbe
#   since: 0.1.0
package auditor.probes.readiness_missing

import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s has no readinessProbe", [container.name]),
	"pointer": sprintf("%s.readinessProbe", [container.pointer]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	container.type == "containers"
	probe := object.get(container.value, "readinessProbe", null)
	not is_object(probe)
	serves(container)
}

# Something may be sent to it: it opens a port, or another probe asks it over the network.
serves(container) if count(container.value.ports) > 0

serves(container) if {
	some probe in ["livenessProbe", "startupProbe"]
	some check in ["grpc", "httpGet", "tcpSocket"]
	is_object(container.value[probe][check])
}
