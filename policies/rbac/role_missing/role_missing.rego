# METADATA
# title: "A binding names a role that is not declared"
# description: >-
#   It grants nothing, and grants whatever somebody later declares under that name. Judged only
#   where the namespace's roles are declared here: at least one is, and no chart or application
#   from elsewhere puts more into it. Cluster roles, and roles of kube-system and kube-public,
#   are not judged, since Kubernetes and its extensions bring their own.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0019
#   severity: low
#   scope: environment
#   about:
#     - rbac.authorization.k8s.io/RoleBinding
#   kinds:
#     - rbac.authorization.k8s.io/RoleBinding
#     - rbac.authorization.k8s.io/Role
#     - helm.fluxcd.io/HelmRelease
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - argoproj.io/Application
#   remediation: >-
#     Correct the name, or remove the binding.
#   reads:
#     - roleRef
#     - spec.destination.namespace
#     - spec.targetNamespace
#   since: 0.1.0
package auditor.rbac.role_missing

import data.auditor.lib.set

findings contains {
	"message": sprintf("the role %s is not declared in %s", [binding.roleRef.name, namespace]),
	"pointer": "roleRef.name",
	"details": {"role": binding.roleRef.name},
	"resource": index,
} if {
	some index, binding in input.set
	binding.kind == "RoleBinding"
	binding.roleRef.kind == "Role"
	namespace := set.namespace(binding)
	names := roles[namespace]
	not namespace in set.filled_from_elsewhere
	not namespace in {"kube-public", "kube-system"}
	wanted := binding.roleRef.name
	not wanted in names
}

roles := set.names_of("Role")
