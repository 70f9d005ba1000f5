# METADATA
# title: "A workload names a service account that is not declared"
# description: >-
#   Its pods are refused until somebody creates the account. Judged only where the namespace's
#   service accounts are declared here: at least one is, and no chart or application from
#   elsewhere puts more into it. kube-system, where Kubernetes makes accounts itself, is left out.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
# custom:
#   id: AUD-RBAC-0021
#   severity: medium
#   scope: environment
#   about:
#     - workload
#   kinds:
#     - workload
#     - ServiceAccount
#     - helm.fluxcd.io/HelmRelease
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - argoproj.io/Application
#   remediation: >-
#     Correct the name, or declare the ServiceAccount.
#   reads:
#     - spec.destination.namespace
#     - spec.targetNamespace
#     - workload.pod.serviceAccountName
#   since: 0.1.0
package auditor.rbac.service_account_missing

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("the service account %s is not declared in %s", [account, workload.namespace]),
	"pointer": sprintf("%s.serviceAccountName", [workload.pointer]),
	"details": {"account": account},
	"resource": workload.index,
} if {
	some workload in set.workloads
	account := workload.pod.serviceAccountName
	text.is_known(account)
	not account in {"", "default"}
	names := accounts[workload.namespace]
	namespace := workload.namespace
	not namespace in set.filled_from_elsewhere
	namespace != "kube-system"
	not account in names
}

accounts := set.names_of("ServiceAccount")
