# METADATA
# title: "A container may gain more privileges than its parent"
# description: >-
#   Unless allowPrivilegeEscalation is false, a set-uid program in the image turns an ordinary user
#   into root inside the container. Windows pods are left out, as in the standard.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   id: AUD-POD-0004
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Set `securityContext.allowPrivilegeEscalation: false` on every container, init containers too.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.privilege_escalation

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s may escalate its privileges", [container.name]),
	"pointer": sprintf("%s.securityContext.allowPrivilegeEscalation", [container.pointer]),
	"details": {"container": container.name},
} if {
	not workload.is_windows
	some container in workload.containers
	not forbids(container)
}

forbids(container) if container.value.securityContext.allowPrivilegeEscalation == false

forbids(container) if text.is_placeholder(container.value.securityContext.allowPrivilegeEscalation)
