# METADATA
# title: "A role is bound to nobody"
# description: >-
#   Permissions that nobody has today, and that nobody will look at when they are bound one day.
#   Cluster roles are not judged: people bind them from elsewhere. Nor are roles of namespaces
#   into which a chart or an application from elsewhere puts objects.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0018
#   severity: low
#   scope: environment
#   about:
#     - rbac.authorization.k8s.io/Role
#   kinds:
#     - rbac.authorization.k8s.io/Role
#     - rbac.authorization.k8s.io/RoleBinding
#     - helm.fluxcd.io/HelmRelease
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - argoproj.io/Application
#   remediation: >-
#     Remove the role, or declare its binding.
#   reads:
#     - roleRef
#     - spec.destination.namespace
#     - spec.targetNamespace
#   since: 0.1.0
package auditor.rbac.role_unused

import data.auditor.lib.set

findings contains {
	"message": sprintf("no binding names the role %s", [set.name(role)]),
	"pointer": "",
	"details": {"role": set.name(role)},
	"resource": index,
} if {
	some index, role in input.set
	role.kind == "Role"
	namespace := set.namespace(role)
	not namespace in set.filled_from_elsewhere
	key := sprintf("%s/%s", [namespace, set.name(role)])
	not key in bound
}

bound contains key if {
	some binding in input.set
	binding.kind == "RoleBinding"
	binding.roleRef.kind == "Role"
	key := sprintf("%s/%s", [set.namespace(binding), binding.roleRef.name])
}
