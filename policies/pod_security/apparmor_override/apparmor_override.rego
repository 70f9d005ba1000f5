# METADATA
# title: "AppArmor is switched off"
# description: >-
#   The default AppArmor profile is overridden by something else than a local profile, in the
#   field or in the older annotation.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0015
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Remove the override or name a local profile.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext.appArmorProfile.type
#     - workload.pod.securityContext.appArmorProfile.type
#     - workload.pod_metadata.annotations
#   since: 0.1.0
package auditor.pod_security.apparmor_override

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": "AppArmor is Unconfined for the pod",
	"pointer": sprintf("%s.securityContext.appArmorProfile.type", [workload.pod_pointer]),
	"details": {},
} if {
	forbidden(workload.pod.securityContext.appArmorProfile.type)
}

findings contains {
	"message": sprintf("AppArmor is Unconfined for container %s", [container.name]),
	"pointer": sprintf("%s.securityContext.appArmorProfile.type", [container.pointer]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	forbidden(container.value.securityContext.appArmorProfile.type)
}

findings contains {
	"message": sprintf("the annotation %s sets %s", [name, value]),
	"pointer": sprintf("%s.annotations%s", [workload.metadata_pointer, text.field_key(name)]),
	"details": {"annotation": name},
} if {
	some name, value in workload.pod_metadata.annotations
	startswith(name, "container.apparmor.security.beta.kubernetes.io/")
	text.is_known(value)
	value != "runtime/default"
	startswith(value, "localhost/") == false
}

forbidden(type) if {
	text.is_known(type)
	not type in {"RuntimeDefault", "Localhost"}
}
