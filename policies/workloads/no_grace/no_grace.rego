# METADATA
# title: "A pod is ended without grace"
# description: >-
#   With `terminationGracePeriodSeconds: 0` the program is killed without being told: open
#   requests break, writes are cut off, and a StatefulSet may run two pods of one identity when a
#   node is only unreachable.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees
# custom:
#   id: AUD-WORK-0012
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Leave the field out (30 seconds), or give the seconds that the program needs.
#   reads:
#     - workload.pod.terminationGracePeriodSeconds
#   since: 0.1.0
package auditor.workloads.no_grace

import data.auditor.lib.workload

findings contains {
	"message": "the pod is killed without being told",
	"pointer": sprintf("%s.terminationGracePeriodSeconds", [workload.pod_pointer]),
	"details": {},
} if {
	workload.pod.terminationGracePeriodSeconds == 0
}
