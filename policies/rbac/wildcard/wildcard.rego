# METADATA
# title: "A role allows everything of something"
# description: >-
#   A `*` in verbs, resources or nonResourceURLs covers what exists today and whatever is
#   installed tomorrow; an aggregation without labels takes in the rules of every cluster role.
#   Nobody can review what such a role allows. `*` in verbs on objects that are named is left out;
#   `*` within the API groups of extensions alone is a finding of AUD-RBAC-0022.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0001
#   severity: high
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   remediation: >-
#     List the verbs and resources that are used; the audit log shows which.
#   reads:
#     - aggregationRule
#     - rules
#   since: 0.1.0
package auditor.rbac.wildcard

import data.auditor.lib.rbac
import data.auditor.lib.selector

findings contains {
	"message": sprintf("rule %d allows \"*\" in %s", [index, field]),
	"pointer": sprintf("rules[%d].%s", [index, field]),
	"details": {"field": field},
} if {
	some index, entry in input.resource.rules
	some field in ["verbs", "resources", "nonResourceURLs"]
	some one in entry[field]
	one in {"*", "/*"}
	not named(entry, field)
	not rbac.is_of_extensions(entry)
}

findings contains {
	"message": "the role takes in the rules of every cluster role",
	"pointer": sprintf("aggregationRule.clusterRoleSelectors[%d]", [index]),
	"details": {"field": "clusterRoleSelectors"},
} if {
	some index, wanted in input.resource.aggregationRule.clusterRoleSelectors
	is_object(wanted)
	selector.is_empty(wanted)
}

named(entry, field) if {
	field == "verbs"
	rbac.is_limited(entry)
}
