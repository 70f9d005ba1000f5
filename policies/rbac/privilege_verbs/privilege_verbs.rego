# METADATA
# title: "A role may escalate, bind or impersonate"
# description: >-
#   escalate, bind and impersonate get around RBAC: who has them gives himself every other
#   permission. bind and escalate count on roles and cluster roles, impersonate on users, groups
#   and service accounts.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb
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

findings contains {
	"message": sprintf("rule %d allows %s on %s", [index, verb, resource]),
	"pointer": sprintf("rules[%d].verbs", [index]),
	"details": {"verb": verb, "resource": resource},
} if {
	some index, entry in input.resource.rules
	count(object.get(entry, "resourceNames", [])) == 0
	some verb in entry.verbs
	some resource in entry.resources
	dangerous(verb, resource)
}

dangerous(verb, resource) if {
	verb in {"bind", "escalate"}
	resource in {"roles", "clusterroles", "*"}
}

dangerous(verb, resource) if {
	verb == "impersonate"
	resource in {"users", "groups", "serviceaccounts", "uids", "*"}
}
