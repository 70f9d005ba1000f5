# METADATA
# title: "A role is bound to a default service account"
# description: >-
#   Every pod of the namespace that names no service account has the permissions, whoever puts it
#   there.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   - ref: https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts
# custom:
#   id: AUD-RBAC-0015
#   severity: medium
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   remediation: >-
#     Make a service account for the program and bind that.
#   reads:
#     - roleRef
#     - subjects
#   since: 0.1.0
package auditor.rbac.default_account_binding

import data.auditor.lib.text

findings contains {
	"message": sprintf("the role %s is bound to %s", [input.resource.roleRef.name, subject.name]),
	"pointer": sprintf("subjects%s", [text.entry_key(index, subject)]),
	"details": {"subject": subject.name},
} if {
	some index, subject in input.resource.subjects

	subject.kind == "ServiceAccount"
	subject.name == "default"
}
