# METADATA
# title: "A Service selects no workload"
# description: >-
#   Nothing answers behind it: a label was changed on one side. Judged only where the namespace's
#   workloads are declared here: each label key of the selector is used by one of them, and no
#   chart or application from elsewhere puts more into the namespace.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/
# custom:
#   id: AUD-NET-0012
#   severity: medium
#   scope: environment
#   about:
#     - Service
#   kinds:
#     - Service
#     - Namespace
#     - Pod
#     - ReplicationController
#     - apps/DaemonSet
#     - apps/Deployment
#     - apps/ReplicaSet
#     - apps/StatefulSet
#     - batch/Job
#     - batch/CronJob
#     - helm.fluxcd.io/HelmRelease
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - argoproj.io/Application
#   remediation: >-
#     Make the selector the labels of the pod template.
#   reads:
#     - metadata.labels
#     - spec.destination.namespace
#     - spec.selector
#     - spec.targetNamespace
#     - workload.pod_metadata.labels
#   since: 0.1.0
package auditor.network.service_selects_nothing

import data.auditor.lib.selector
import data.auditor.lib.set

findings contains {
	"message": sprintf("no workload of %s has the labels that the Service selects", [namespace]),
	"pointer": "spec.selector",
	"details": {"namespace": namespace},
	"resource": index,
} if {
	some index, service in input.set
	service.kind == "Service"
	wanted := service.spec.selector
	count(wanted) > 0
	namespace := set.namespace(service)
	not namespace in set.filled_from_elsewhere
	keys := set.label_keys[namespace]
	count({key | some key in object.keys(wanted); not key in keys}) == 0
	here := set.in_namespace[namespace]
	not selects(wanted, here)
}

selects(wanted, workloads) if {
	some workload in workloads
	selector.picks(wanted, workload.labels)
}
