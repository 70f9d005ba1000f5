# METADATA
# title: "Seccomp is switched off"
# description: >-
#   `Unconfined` lets the container make every system call of the kernel it shares with the node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0008
#   severity: high
#   kinds:
#     - workload
#   remediation: >-
#     Remove the field or set `type: RuntimeDefault`.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.seccomp_unconfined

import data.auditor.lib.workload

findings contains {
	"message": "seccomp is Unconfined",
	"pointer": sprintf("%s.securityContext.seccompProfile.type", [workload.pod_pointer]),
	"details": {},
} if {
	workload.pod.securityContext.seccompProfile.type == "Unconfined"
}

findings contains {
	"message": sprintf("seccomp is Unconfined for container %s", [container.name]),
	"pointer": sprintf("%s.securityContext.seccompProfile.type", [container.pointer]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	container.value.securityContext.seccompProfile.type == "Unconfined"
}
