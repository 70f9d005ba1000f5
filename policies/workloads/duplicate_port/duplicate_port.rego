# METADATA
# title: "Two containers of a pod take the same port"
# description: >-
#   Containers of a pod share one network: the second one cannot listen, and fails. A port that
#   one container lists twice, or a name that is used twice, makes Services by name go to the
#   wrong one.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking
# custom:
#   id: AUD-WORK-0008
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Give each its own port and name.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].ports
#     - workload.containers[].restartPolicy
#   since: 0.1.0
package auditor.workloads.duplicate_port

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("%s is taken %d times in the pod", [place.shown, count(same)]),
	"pointer": place.pointer,
	"details": {"taken": place.shown},
} if {
	some place in places
	same := [other | some other in places; other.key == place.key]
	count(same) > 1
	place.pointer != min({other.pointer | some other in same})
}

places contains {"key": key, "shown": key, "pointer": sprintf("%s.ports[%d].containerPort", [container.pointer, index])} if {
	some container in workload.long_running
	some index, port in container.value.ports
	is_number(port.containerPort)
	key := sprintf("port %d/%s", [port.containerPort, text.plain(object.get(port, "protocol", "TCP"))])
}

places contains {"key": key, "shown": key, "pointer": sprintf("%s.ports[%d].name", [container.pointer, index])} if {
	some container in workload.long_running
	some index, port in container.value.ports
	text.is_known(port.name)
	key := sprintf("the port name %s", [port.name])
}
