# METADATA
# title: "A container may run as root"
# description: >-
#   Neither the container nor its pod says `runAsNonRoot: true`, or one of them asks for user 0.
#   Root in a container is root on the node as soon as something else gives way. A pod with a user
#   namespace of its own (`hostUsers: false`) is left out, as in the standard from Kubernetes
#   1.35.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   id: AUD-POD-0005
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Set `runAsNonRoot: true` on the pod, and a numeric `runAsUser` if the image names none.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.may_run_as_root

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s may run as root: runAsNonRoot is not true", [container.name]),
	"pointer": sprintf("%s.securityContext.runAsNonRoot", [container.pointer]),
	"details": {"container": container.name},
} if {
	not workload.has_user_namespace
	some container in workload.containers
	not refuses_root(container)
}

findings contains {
	"message": sprintf("container %s is asked to run as user 0", [container.name]),
	"pointer": sprintf("%s.securityContext.runAsUser", [container.pointer]),
	"details": {"container": container.name},
} if {
	not workload.has_user_namespace
	some container in workload.containers
	workload.effective(container, "runAsUser") == 0
}

refuses_root(container) if workload.effective(container, "runAsNonRoot") == true

refuses_root(container) if text.is_placeholder(workload.effective(container, "runAsNonRoot"))
