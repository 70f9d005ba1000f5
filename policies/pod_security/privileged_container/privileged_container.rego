# METADATA
# title: "A container runs privileged"
# description: >-
#   A privileged container has every capability and the host's devices: whoever gets into it owns
#   the node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0001
#   severity: critical
#   kinds:
#     - workload
#   remediation: >-
#     Remove `privileged: true`; add the single capability that the program needs.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.privileged_container

import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s runs privileged", [container.name]),
	"pointer": sprintf("%s.securityContext.privileged", [container.pointer]),
	"details": {"container": container.name, "type": container.type},
} if {
	some container in workload.containers
	container.value.securityContext.privileged == true
}
