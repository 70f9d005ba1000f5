# METADATA
# title: "A binding hands out a role that holds everything"
# description: >-
#   The binding's name and its role's name say little: the role's rules, as declared here, allow
#   every verb on everything, or bind, escalate or impersonate without limits, directly or by
#   aggregation. Binding `admin` or `edit` in the whole cluster is the same, since both read
#   secrets and start pods in kube-system. cluster-admin is a finding of AUD-RBAC-0004.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0016
#   severity: high
#   scope: environment
#   about:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   remediation: >-
#     Bind a role with the verbs and resources that are used.
#   reads:
#     - aggregationRule
#     - metadata.labels
#     - roleRef
#     - rules
#     - subjects
#   since: 0.1.0
package auditor.rbac.powerful_role_bound

import data.auditor.lib.rbac
import data.auditor.lib.selector
import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("the role %s %s; it is bound to %s", [binding.roleRef.name, why, names]),
	"pointer": "roleRef.name",
	"details": {"role": binding.roleRef.name, "subjects": names},
	"resource": index,
} if {
	some index, binding in input.set
	binding.kind in {"ClusterRoleBinding", "RoleBinding"}
	count(binding.subjects) > 0
	names := text.plain(concat(", ", sort([subject.name | some subject in binding.subjects])))
	powerful := {"ClusterRole": powerful_cluster_roles, "Role": powerful_roles}
	why := hands_out(binding, powerful)
}

hands_out(binding, powerful) := "holds everything, or can give it to itself" if declared_powerful(binding, powerful)

hands_out(binding, powerful) := "reads Secrets and starts pods in every namespace, kube-system included" if {
	not declared_powerful(binding, powerful)
	binding.kind == "ClusterRoleBinding"
	binding.roleRef.kind == "ClusterRole"
	binding.roleRef.name in {"admin", "edit"}
}

declared_powerful(binding, powerful) if {
	binding.roleRef.kind == "ClusterRole"
	binding.roleRef.name != "cluster-admin"
	binding.roleRef.name in powerful.ClusterRole
}

declared_powerful(binding, powerful) if {
	binding.roleRef.kind == "Role"
	sprintf("%s/%s", [set.namespace(binding), binding.roleRef.name]) in powerful.Role
}

powerful_cluster_roles contains role.metadata.name if {
	some role in input.set
	role.kind == "ClusterRole"
	some entry in role.rules
	rbac.is_powerful(entry)
}

powerful_cluster_roles contains role.metadata.name if {
	some role in input.set
	role.kind == "ClusterRole"
	some wanted in role.aggregationRule.clusterRoleSelectors
	some part in input.set
	part.kind == "ClusterRole"
	selector.matches(wanted, object.get(part, ["metadata", "labels"], {}))
	some entry in part.rules
	rbac.is_powerful(entry)
}

powerful_roles contains key if {
	some role in input.set
	role.kind == "Role"
	some entry in role.rules
	rbac.is_powerful(entry)
	key := sprintf("%s/%s", [set.namespace(role), role.metadata.name])
}
