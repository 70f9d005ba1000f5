# METADATA
# title: "cluster-admin is bound"
# description: >-
#   The subject may do everything in the cluster (or, by a RoleBinding, everything in the
#   namespace), now and with whatever is added.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0004
#   severity: high
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   remediation: >-
#     Bind a role with what is needed; keep cluster-admin for a break-glass group.
#   reads:
#     - kind
#     - roleRef
#     - subjects
#   since: 0.1.0
package auditor.rbac.cluster_admin_binding

import data.auditor.lib.text

findings contains {
	"message": sprintf("%s %s is bound to cluster-admin%s", [subject.kind, subject.name, reach]),
	"pointer": sprintf("subjects%s", [text.entry_key(index, subject)]),
	"details": {"subject": subject.name},
} if {
	input.resource.roleRef.kind == "ClusterRole"
	input.resource.roleRef.name == "cluster-admin"
	some index, subject in input.resource.subjects
}

reach := "" if input.resource.kind == "ClusterRoleBinding"

reach := " within the namespace" if input.resource.kind == "RoleBinding"
