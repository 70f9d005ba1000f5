# METADATA
# title: "A role reads every Secret of its namespace"
# description: >-
#   get, list or watch on secrets without names reads all credentials of the namespace, those of
#   other programs and the keys of its certificates included. Rules that name the objects
#   (`resourceNames`) are not judged; a rule that allows every verb on everything is a finding of
#   AUD-RBAC-0001 only.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0014
#   severity: low
#   kinds:
#     - rbac.authorization.k8s.io/Role
#   remediation: >-
#     Name the secrets in `resourceNames`, or mount them.
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.secrets_in_namespace

import data.auditor.lib.rbac
import data.auditor.lib.text

# API group → resource → verbs.
dangerous := {
	"": {"secrets": ["get", "list", "watch"]},
}

findings contains {
	"message": sprintf("rule %d allows reading every Secret of the namespace: %s", [index, text.plain(concat("; ", granted))]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {"granted": granted},
} if {
	some index, entry in input.resource.rules
	some group, wanted in dangerous
	granted := rbac.grants(entry, group, wanted)
	count(granted) > 0
}
