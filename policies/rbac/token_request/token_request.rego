# METADATA
# title: "A role may make tokens of service accounts"
# description: >-
#   create on serviceaccounts/token gives a token of any service account in reach, and with it all
#   that the account may do. Rules that name the objects (`resourceNames`) are not judged; a rule
#   that allows every verb on everything is a finding of AUD-RBAC-0001 only.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0008
#   severity: high
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   remediation: >-
#     Name the accounts in `resourceNames`.
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.token_request

import data.auditor.lib.rbac
import data.auditor.lib.text

# API group → resource → verbs.
dangerous := {
	"": {"serviceaccounts/token": ["create"]},
}

findings contains {
	"message": sprintf("rule %d allows making tokens: %s", [index, text.plain(concat("; ", granted))]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {"granted": granted},
} if {
	some index, entry in input.resource.rules
	some group, wanted in dangerous
	granted := rbac.grants(entry, group, wanted)
	count(granted) > 0
}
