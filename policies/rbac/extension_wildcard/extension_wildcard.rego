# METADATA
# title: "A role allows everything of an extension"
# description: >-
#   A `*` in verbs or resources of API groups that extensions bring covers whatever custom resources
#   and verbs they get later. What that allows is up to the extension. Kubernetes' own groups, and
#   those whose objects Flux and Argo CD apply with their controllers' rights, are a finding of
#   AUD-RBAC-0001. `*` in verbs on objects that are named is left out.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0022
#   severity: low
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   remediation: >-
#     List the verbs and resources that are used.
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.extension_wildcard

import data.auditor.lib.rbac
import data.auditor.lib.text

findings contains {
	"message": sprintf("rule %d allows \"*\" in %s of %s", [index, field, text.plain(concat(", ", entry.apiGroups))]),
	"pointer": sprintf("rules[%d].%s", [index, field]),
	"details": {"field": field},
} if {
	some index, entry in input.resource.rules
	rbac.is_of_extensions(entry)
	some field in ["verbs", "resources"]
	"*" in entry[field]
	not named(entry, field)
}

named(entry, field) if {
	field == "verbs"
	rbac.is_limited(entry)
}
