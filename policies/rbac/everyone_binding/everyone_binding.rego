# METADATA
# title: "A role is bound to everyone"
# description: >-
#   system:anonymous and system:unauthenticated are callers without credentials;
#   system:authenticated and the group system:serviceaccounts are everybody who has any. The
#   discovery roles of Kubernetes itself (system:public-info-viewer, system:discovery,
#   system:basic-user, system:service-account-issuer-discovery) are left out.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0005
#   severity: critical
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   remediation: >-
#     Bind the role to the accounts that need it.
#   reads:
#     - roleRef
#     - subjects
#   since: 0.1.0
package auditor.rbac.everyone_binding

import data.auditor.lib.text

findings contains {
	"message": sprintf("the role %s is bound to %s", [input.resource.roleRef.name, subject.name]),
	"pointer": sprintf("subjects%s", [text.entry_key(index, subject)]),
	"details": {"subject": subject.name},
} if {
	some index, subject in input.resource.subjects

	subject.name in {"system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts"}
	role := input.resource.roleRef.name
	not role in {
		"system:public-info-viewer",
		"system:discovery",
		"system:basic-user",
		"system:service-account-issuer-discovery",
	}
}
