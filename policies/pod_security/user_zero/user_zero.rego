# METADATA
# title: "A container is asked to run as user 0"
# description: >-
#   `runAsUser: 0` makes the program root in its container whatever user the image names, and root
#   on the node as soon as something else gives way. From Kubernetes 1.35 on, a pod with a user
#   namespace of its own (`hostUsers: false`) may: its root is nobody outside.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
# custom:
#   id: AUD-POD-0021
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Remove `runAsUser: 0` or name another number; let an init container that must be root do its
#     work at the time the image is built. A program that must be root inside gets `hostUsers:
#     false`.
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
package auditor.pod_security.user_zero

import data.auditor.lib.workload

findings contains {
	"message": "the pod is asked to run as user 0",
	"pointer": sprintf("%s.securityContext.runAsUser", [workload.pod_pointer]),
	"details": {},
} if {
	not workload.may_be_root_inside
	workload.pod.securityContext.runAsUser == 0
}

findings contains {
	"message": sprintf("container %s is asked to run as user 0", [container.name]),
	"pointer": sprintf("%s.securityContext.runAsUser", [container.pointer]),
	"details": {"container": container.name},
} if {
	not workload.may_be_root_inside
	some container in workload.containers
	container.value.securityContext.runAsUser == 0
}
