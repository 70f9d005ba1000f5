# METADATA
# title: "A container sees /proc unmasked"
# description: >-
#   `procMount: Unmasked` shows the parts of /proc that the runtime hides because they leak or
#   change the host. From Kubernetes 1.35 on, the baseline standard allows it in a pod with a user
#   namespace of its own (`hostUsers: false`).
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
# custom:
#   id: AUD-POD-0014
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Remove `procMount`; a program that makes containers gets `hostUsers: false` as well.
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
package auditor.pod_security.unmasked_proc

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s mounts /proc as %s", [container.name, mount]),
	"pointer": sprintf("%s.securityContext.procMount", [container.pointer]),
	"details": {"container": container.name},
} if {
	not workload.may_be_root_inside
	some container in workload.containers
	mount := container.value.securityContext.procMount
	text.is_known(mount)
	mount != "Default"
}
