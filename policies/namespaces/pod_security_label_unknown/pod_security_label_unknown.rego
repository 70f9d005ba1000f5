# METADATA
# title: "A Pod Security label has a value that is none"
# description: >-
#   A level other than privileged, baseline and restricted, or a version other than `latest` and
#   `v1.<minor>`: the API server refuses the change, or on a namespace that had it before treats
#   it as restricted of the newest version.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/
# custom:
#   id: AUD-NS-0003
#   severity: medium
#   kinds:
#     - Namespace
#   remediation: >-
#     Correct the value.
#   reads:
#     - metadata.labels
#   since: 0.1.0
package auditor.namespaces.pod_security_label_unknown

import data.auditor.lib.text

findings contains {
	"message": sprintf("%s is no level of Pod Security", [text.quoted(value)]),
	"pointer": sprintf("metadata.labels%s", [text.field_key(name)]),
	"details": {"value": value},
} if {
	some mode in ["audit", "enforce", "warn"]
	name := sprintf("pod-security.kubernetes.io/%s", [text.plain(mode)])
	value := input.resource.metadata.labels[name]
	text.is_known(value)
	not value in {"baseline", "privileged", "restricted"}
}

findings contains {
	"message": sprintf("%s is no version of Pod Security", [text.quoted(value)]),
	"pointer": sprintf("metadata.labels%s", [text.field_key(name)]),
	"details": {"value": value},
} if {
	some mode in ["audit", "enforce", "warn"]
	name := sprintf("pod-security.kubernetes.io/%s-version", [text.plain(mode)])
	value := input.resource.metadata.labels[name]
	text.is_known(value)
	not regex.match(`^(latest|v1[.](0|[1-9][0-9]*))$`, value)
}
