# METADATA
# title: "A container sees /proc unmasked inside a user namespace"
# description: >-
#   From Kubernetes 1.35 on, the baseline standard lets a pod with a user namespace of its own
#   (`hostUsers: false`) mount /proc unmasked, which programs that make containers need. The
#   restricted standard does not: the masked files tell of the node and of its other pods.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
# custom:
#   id: AUD-POD-0020
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Remove `procMount`, or keep such a program in a namespace that is held to the baseline
#     standard.
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
package auditor.pod_security.unmasked_proc_inside

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s mounts /proc as %s inside a user namespace", [container.name, mount]),
	"pointer": sprintf("%s.securityContext.procMount", [container.pointer]),
	"details": {"container": container.name},
} if {
	workload.may_be_root_inside
	some container in workload.containers
	mount := container.value.securityContext.procMount
	text.is_known(mount)
	mount != "Default"
}
