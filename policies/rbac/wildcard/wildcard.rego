# METADATA
# title: "A role allows everything of something"
# description: >-
#   A `*` in verbs or resources covers what exists today and whatever is installed tomorrow.
#   Nobody can review what such a role allows.
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
#     - rules
#   since: 0.1.0
package auditor.rbac.wildcard

findings contains {
	"message": sprintf("rule %d allows \"*\" in %s", [index, field]),
	"pointer": sprintf("rules[%d].%s", [index, field]),
	"details": {"field": field},
} if {
	some index, entry in input.resource.rules
	some field in ["verbs", "resources"]
	"*" in entry[field]
}
