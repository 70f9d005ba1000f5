# METADATA
# title: "A cluster role reads every Secret"
# description: >-
#   get, list or watch on secrets in a cluster role reads the credentials of every namespace it is
#   bound for; so does reading every resource. Roles, which are bound to one namespace, are a
#   finding of AUD-RBAC-0014. Rules that name the objects (`resourceNames`) are not judged; a rule
#   that allows every verb on everything is a finding of AUD-RBAC-0001 only.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0003
#   severity: medium
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#   remediation: >-
#     Use a Role in the namespace, or name the secrets in `resourceNames`.
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.secrets_cluster_wide

import data.auditor.lib.rbac
import data.auditor.lib.text

# API group → resource → verbs.
dangerous := {
	"": {"secrets": ["get", "list", "watch"]},
}

findings contains {
	"message": sprintf("rule %d allows reading every Secret: %s", [index, text.plain(concat("; ", granted))]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {"granted": granted},
} if {
	some index, entry in input.resource.rules
	some group, wanted in dangerous
	granted := rbac.grants(entry, group, wanted)
	count(granted) > 0
}
