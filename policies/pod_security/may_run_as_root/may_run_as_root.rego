# METADATA
# title: "A container may run as root"
# description: >-
#   Neither the container nor its pod says `runAsNonRoot: true`, or one of the two says false. Root
#   in a container is root on the node as soon as something else gives way. A `runAsUser` other
#   than 0 is not enough for the standard. From Kubernetes 1.35 on,
#   a pod with a user namespace of its own (`hostUsers: false`) may: its root is nobody outside.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
# custom:
#   id: AUD-POD-0005
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Set `runAsNonRoot: true` on the pod, and a numeric `runAsUser` if the image names none; take
#     out every `runAsNonRoot: false`. A program that must be root inside gets `hostUsers: false`.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       kubernetes_version:
#         type: string
#         pattern: ^1\.[0-9]+$
#         default: '1.37'
#         description: The version of the standards, by default the one that the run judges by.
package auditor.pod_security.may_run_as_root

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": "the pod allows root: runAsNonRoot is false",
	"pointer": sprintf("%s.securityContext.runAsNonRoot", [workload.pod_pointer]),
	"details": {},
} if {
	not workload.may_be_root_inside
	workload.pod.securityContext.runAsNonRoot == false
}

findings contains {
	"message": not_settled(container),
	"pointer": sprintf("%s.securityContext.runAsNonRoot", [container.pointer]),
	"details": {"container": container.name},
} if {
	not workload.may_be_root_inside
	some container in workload.containers
	not settled(container)
}

not_settled(container) := sprintf("container %s may run as root: runAsNonRoot is not true", [container.name]) if not names_user(container)

not_settled(container) := sprintf("container %s runs as user %v, but nothing holds it to that: runAsNonRoot is not true", [container.name, workload.effective(container, "runAsUser")]) if names_user(container)

# Its user is another than root today; the standard asks for runAsNonRoot all the same.
names_user(container) if workload.effective(container, "runAsUser") > 0

settled(container) if workload.effective(container, "runAsNonRoot") == true

settled(container) if text.is_placeholder(workload.effective(container, "runAsNonRoot"))

# The pod's own false is a finding once, where it stands.
settled(container) if {
	not workload.has_own(container, "runAsNonRoot")
	workload.pod.securityContext.runAsNonRoot == false
}
