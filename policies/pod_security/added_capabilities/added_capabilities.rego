# METADATA
# title: "A container adds a dangerous capability"
# description: >-
#   Capabilities outside the baseline list (SYS_ADMIN, NET_ADMIN, NET_RAW, SYS_PTRACE …) give a
#   process part of root's power over the node. A name is compared as it is written: CAP_CHOWN or
#   chown is none of the list.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0006
#   severity: high
#   kinds:
#     - workload
#   remediation: >-
#     Remove the capability, or use the one out of the baseline list that is enough.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.added_capabilities

import data.auditor.lib.text
import data.auditor.lib.workload

baseline := {
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
	"NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

findings contains {
	"message": sprintf("container %s adds %s", [container.name, text.plain(concat(", ", added))]),
	"pointer": sprintf("%s.securityContext.capabilities.add", [container.pointer]),
	"details": {"container": container.name, "capabilities": added},
} if {
	some container in workload.containers
	added := sort([capability |
		some capability in container.value.securityContext.capabilities.add
		text.is_known(capability)
		not capability in baseline
	])
	count(added) > 0
}
