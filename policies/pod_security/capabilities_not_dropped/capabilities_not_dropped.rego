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
	"message": not_dropped(container),
	"pointer": sprintf("%s.securityContext.capabilities.drop", [container.pointer]),
	"details": {"container": container.name},
} if {
	not workload.is_windows
	some container in workload.containers
	not drops_all(container)
}

findings contains {
	"message": sprintf("container %s adds %s, which the restricted standard does not allow", [container.name, text.plain(concat(", ", added))]),
	"pointer": sprintf("%s.securityContext.capabilities.add", [container.pointer]),
	"details": {"container": container.name, "capabilities": added},
} if {
	not workload.is_windows
	some container in workload.containers
	added := sort([capability |
		some capability in container.value.securityContext.capabilities.add
		text.is_known(capability)
		capability != "NET_BIND_SERVICE"
	])
	count(added) > 0
}

# Runtimes take `all` for ALL, Pod Security admission does not.
not_dropped(container) := sprintf("container %s drops %s, but the restricted standard asks for ALL as it is written", [container.name, text.plain(concat(", ", in_other_letters(container)))]) if {
	count(in_other_letters(container)) > 0
}

not_dropped(container) := sprintf("container %s does not drop all capabilities", [container.name]) if {
	count(in_other_letters(container)) == 0
}

in_other_letters(container) := [capability |
	some capability in container.value.securityContext.capabilities.drop
	is_string(capability)
	upper(capability) == "ALL"
]

drops_all(container) if "ALL" in container.value.securityContext.capabilities.drop
