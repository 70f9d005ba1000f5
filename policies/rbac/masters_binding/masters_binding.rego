# METADATA
# title: "A role is bound to system:masters"
# description: >-
#   Members of system:masters may do everything whatever roles say, and nobody can take it from
#   them while their certificate is valid. A binding for the group says that people or programs
#   are put into it. Kubernetes' own binding, called cluster-admin, is left out.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0012
#   severity: medium
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   remediation: >-
#     Give operators a group of their own and keep system:masters for the day when RBAC itself is
#     broken.
#   reads:
#     - metadata.name
#     - roleRef
#     - subjects
#   since: 0.1.0
package auditor.rbac.masters_binding

import data.auditor.lib.text

findings contains {
	"message": sprintf("the role %s is bound to %s", [input.resource.roleRef.name, subject.name]),
	"pointer": sprintf("subjects%s", [text.entry_key(index, subject)]),
	"details": {"subject": subject.name},
} if {
	some index, subject in input.resource.subjects

	subject.kind == "Group"
	subject.name == "system:masters"
	not is_own
}

# Kubernetes makes it itself at every start.
is_own if {
	input.resource.metadata.name == "cluster-admin"
	input.resource.roleRef.name == "cluster-admin"
}
