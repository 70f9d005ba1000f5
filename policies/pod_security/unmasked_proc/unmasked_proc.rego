# METADATA
# title: "A container sees /proc unmasked"
# description: >-
#   `procMount: Unmasked` shows the parts of /proc that the runtime hides because they leak or
#   change the host.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0014
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Remove `procMount`.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.unmasked_proc

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s mounts /proc as %s", [container.name, mount]),
	"pointer": sprintf("%s.securityContext.procMount", [container.pointer]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	mount := container.value.securityContext.procMount
	text.is_known(mount)
	mount != "Default"
}
