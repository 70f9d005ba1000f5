# METADATA
# title: "AppArmor is switched off"
# description: >-
#   The default AppArmor profile is overridden by something else than a local profile, in the field
#   or in the older annotation: what the profile kept from the program is open to it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
#   - ref: https://kubernetes.io/docs/tutorials/security/apparmor/
# custom:
#   id: AUD-POD-0015
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Remove the override or name a local profile (`type: Localhost`; `localhost/…` in the
#     annotation).
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext.appArmorProfile
#     - workload.pod.securityContext.appArmorProfile
#     - workload.pod_metadata.annotations
#   since: 0.1.0
package auditor.pod_security.apparmor_override

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("AppArmor is %s for the pod", [type]),
	"pointer": sprintf("%s.securityContext.appArmorProfile.type", [workload.pod_pointer]),
	"details": {},
} if {
	some type in forbidden(workload.pod.securityContext.appArmorProfile)
}

findings contains {
	"message": sprintf("AppArmor is %s for container %s", [type, container.name]),
	"pointer": sprintf("%s.securityContext.appArmorProfile.type", [container.pointer]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	some type in forbidden(container.value.securityContext.appArmorProfile)
}

findings contains {
	"message": sprintf("the annotation %s sets %s", [name, value]),
	"pointer": sprintf("%s.annotations%s", [workload.metadata_pointer, text.field_key(name)]),
	"details": {"annotation": name},
} if {
	some name, value in workload.pod_metadata.annotations
	startswith(name, "container.apparmor.security.beta.kubernetes.io/")
	text.is_known(value)
	not value in {"", "runtime/default"}
	startswith(value, "localhost/") == false
}

# The profile's type where it is not allowed; a profile without one is not, either.
forbidden(profile) := {type |
	type := text.plain(object.get(profile, "type", "of no type"))
	text.is_known(type)
	not type in {"RuntimeDefault", "Localhost"}
} if is_object(profile)
