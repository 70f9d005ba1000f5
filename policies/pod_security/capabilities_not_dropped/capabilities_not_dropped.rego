# METADATA
# title: "A container keeps the default capabilities"
# description: >-
#   The restricted standard asks every container to drop ALL capabilities and to add at most
#   NET_BIND_SERVICE: what the runtime grants by default (raw packets, changing owners, device
#   nodes) serves an intruder more often than the program. Windows pods are left out, as in the
#   standard.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   id: AUD-POD-0007
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Set `securityContext.capabilities.drop: [ALL]`, and add nothing but NET_BIND_SERVICE.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.capabilities_not_dropped

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s does not drop all capabilities", [container.name]),
	"pointer": sprintf("%s.securityContext.capabilities.drop", [container.pointer]),
	"details": {"container": container.name},
} if {
	not workload.is_windows
	some container in workload.containers
	not drops_all(container)
}

findings contains {
	"message": sprintf("container %s adds %s, which the restricted standard does not allow", [container.name, capability]),
	"pointer": sprintf("%s.securityContext.capabilities.add", [container.pointer]),
	"details": {"container": container.name, "capability": capability},
} if {
	not workload.is_windows
	some container in workload.containers
	some capability in container.value.securityContext.capabilities.add
	text.is_known(capability)
	capability != "NET_BIND_SERVICE"
}

drops_all(container) if "ALL" in container.value.securityContext.capabilities.drop
