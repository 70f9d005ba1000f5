# METADATA
# title: "A container has no seccomp profile"
# description: >-
#   The restricted standard asks for RuntimeDefault or a local profile, set on the container or its
#   pod; without it many clusters run the container unconfined, and every system call of the shared
#   kernel is open to it. Windows pods are left out, as in the standard.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   id: AUD-POD-0009
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Set `securityContext.seccompProfile.type: RuntimeDefault` on the pod.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.seccomp_profile_missing

import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s has no seccomp profile", [container.name]),
	"pointer": sprintf("%s.securityContext.seccompProfile.type", [container.pointer]),
	"details": {"container": container.name},
} if {
	not workload.is_windows
	some container in workload.containers
	not has_profile(container)
}

# Whether the profile is an allowed one is for the rule on Unconfined to say.
has_profile(container) if is_object(workload.effective(container, "seccompProfile"))
