# METADATA
# title: "A role may escalate, bind or impersonate"
# description: >-
#   escalate, bind and impersonate get around RBAC: who has them gives himself every other
#   permission. bind and escalate count on roles and cluster roles, impersonate on users, groups,
#   service accounts, uids and extra attributes; `*` in verbs holds all three. Rules that name the
#   objects (`resourceNames`) are not judged; a rule that allows every verb on everything is a
#   finding of AUD-RBAC-0001 only.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0002
#   severity: high
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   remediation: >-
#     Remove the verb, or name the one object it is for in `resourceNames`.
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.privilege_verbs

import data.auditor.lib.rbac
import data.auditor.lib.text

# API group → resource → verbs.
dangerous := {
	"rbac.authorization.k8s.io": {"clusterroles": ["bind", "escalate"], "roles": ["bind", "escalate"]},
	"": {"groups": ["impersonate"], "serviceaccounts": ["impersonate"], "users": ["impersonate"]},
	"authentication.k8s.io": {"uids": ["impersonate"], "userextras/scopes": ["impersonate"]},
}

findings contains {
	"message": sprintf("rule %d allows getting around RBAC: %s", [index, text.plain(concat("; ", granted))]),
	"pointer": sprintf("rules[%d].verbs", [index]),
	"details": {"granted": granted},
} if {
	some index, entry in input.resource.rules
	granted := sort([grant | some group in object.keys(dangerous); some grant in rbac.grants(entry, group, dangerous[group])])
	count(granted) > 0
}
