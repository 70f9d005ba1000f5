# METADATA
# title: "A binding names a service account that is not declared"
# description: >-
#   A typing error, or permissions left behind: whoever creates an account of that name later has
#   them. Judged only where the namespace's service accounts are declared here: at least one is,
#   and no chart or application from elsewhere puts more into it. kube-system, where Kubernetes makes
#   accounts itself, is left out.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0017
#   severity: low
#   scope: environment
#   about:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#     - ServiceAccount
#     - helm.fluxcd.io/HelmRelease
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - argoproj.io/Application
#   remediation: >-
#     Correct the name, or remove the subject.
#   reads:
#     - spec.destination.namespace
#     - spec.targetNamespace
#     - subjects
#   since: 0.1.0
package auditor.rbac.subject_missing

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("the service account %s/%s is not declared", [namespace, subject.name]),
	"pointer": sprintf("subjects%s", [text.entry_key(number, subject)]),
	"details": {"subject": subject.name, "namespace": namespace},
	"resource": index,
} if {
	some index, binding in input.set
	some number, subject in binding.subjects
	subject.kind == "ServiceAccount"
	subject.name != "default"
	namespace := text.plain(object.get(subject, "namespace", set.namespace(binding)))
	names := accounts[namespace]
	not namespace in set.filled_from_elsewhere
	namespace != "kube-system"
	name := subject.name
	not name in names
}

accounts := set.names_of("ServiceAccount")
