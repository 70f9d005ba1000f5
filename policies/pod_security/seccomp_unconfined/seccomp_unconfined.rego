# METADATA
# title: "Seccomp is switched off"
# description: >-
#   `Unconfined` lets the container make every system call of the kernel it shares with the node.
#   The standard allows RuntimeDefault and Localhost, and nothing else once a profile is named.
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

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("seccomp is %s", [type]),
	"pointer": sprintf("%s.securityContext.seccompProfile.type", [workload.pod_pointer]),
	"details": {},
} if {
	some type in forbidden(workload.pod.securityContext.seccompProfile)
}

findings contains {
	"message": sprintf("seccomp is %s for container %s", [type, container.name]),
	"pointer": sprintf("%s.securityContext.seccompProfile.type", [container.pointer]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	some type in forbidden(container.value.securityContext.seccompProfile)
}

# The profile's type where it is not allowed; a profile without one is not, either.
forbidden(profile) := {type |
	type := text.plain(object.get(profile, "type", "of no type"))
	text.is_known(type)
	not type in {"RuntimeDefault", "Localhost"}
} if is_object(profile)
