# METADATA
# title: "A cluster role reads every Secret"
# description: >-
#   get, list or watch on secrets in a cluster role reads the credentials of every namespace it is
#   bound for. Roles, which are bound to one namespace, are not judged, nor are rules that name
#   the secrets.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets
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

findings contains {
	"message": sprintf("rule %d reads every Secret", [index]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {},
} if {
	some index, entry in input.resource.rules
	count(object.get(entry, "resourceNames", [])) == 0
	"secrets" in entry.resources
	some group in entry.apiGroups
	group in {"", "*"}
	some verb in entry.verbs
	verb in {"get", "list", "watch", "*"}
}
