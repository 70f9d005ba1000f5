# METADATA
# title: "A workload outside kube-system has the system's priority"
# description: >-
#   system-cluster-critical and system-node-critical push out everything else when a node is
#   short, DNS and the network's agents of equal rank included. Only pods without a namespace, and
#   those of kube-system, are left out.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/
# custom:
#   id: AUD-WORK-0013
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Make a PriorityClass of your own with a value under 1000000000.
#   reads:
#     - metadata.namespace
#     - workload.pod.priorityClassName
#   since: 0.1.0
package auditor.workloads.system_priority

import data.auditor.lib.workload

findings contains {
	"message": sprintf("the pod has the priority %s", [class]),
	"pointer": sprintf("%s.priorityClassName", [workload.pod_pointer]),
	"details": {"priority": class},
} if {
	class := workload.pod.priorityClassName
	class in {"system-cluster-critical", "system-node-critical"}
	namespace := object.get(input.resource, ["metadata", "namespace"], "")
	not namespace in {"", "kube-system"}
}
