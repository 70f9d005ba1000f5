# METADATA
# title: "An autoscaler measures against a request that is missing"
# description: >-
#   Utilisation is a percentage of what containers request; where one of the pod's containers
#   requests none of the resource, there is no percentage and the workload is never scaled. A
#   limit stands for a request; so do the pod's own resources.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work
# custom:
#   id: AUD-AVAIL-0011
#   severity: medium
#   scope: environment
#   about:
#     - autoscaling/HorizontalPodAutoscaler
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/ReplicaSet
#     - ReplicationController
#     - autoscaling/HorizontalPodAutoscaler
#   remediation: >-
#     Set the request on every container of the pod, or use `type: ContainerResource` or
#     `AverageValue`.
#   reads:
#     - spec.metrics
#     - spec.scaleTargetRef
#     - spec.targetCPUUtilizationPercentage
#     - workload.containers[].name
#     - workload.containers[].resources
#     - workload.pod.resources
#   since: 0.1.0
package auditor.availability.autoscaler_without_request

import data.auditor.lib.scaling
import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("it scales by %s, and container %s of %s requests none", [metric.resource, container.name, scaler.target]),
	"pointer": metric.pointer,
	"details": {"resource": metric.resource, "container": container.name},
	"resource": metric.index,
} if {
	some metric in metrics
	some scaler in scaling.autoscalers
	scaler.index == metric.index
	some workload in set.in_namespace[scaler.namespace]
	sprintf("%s/%s", [workload.kind, workload.name]) == scaler.target
	some container in workload.pod.containers
	metric.container in {"", container.name}
	not requests(container, metric.resource)
	not requests(workload.pod, metric.resource)
}

metrics contains {"index": index, "resource": metric[field].name, "container": set.text_or(metric[field], "container", ""), "pointer": sprintf("spec.metrics[%d]", [number])} if {
	some index, manifest in input.set
	manifest.kind == "HorizontalPodAutoscaler"
	some number, metric in manifest.spec.metrics
	some field in ["resource", "containerResource"]
	metric[field].target.type == "Utilization"
}

metrics contains {"index": index, "resource": text.plain("cpu"), "container": text.plain(""), "pointer": "spec.targetCPUUtilizationPercentage"} if {
	some index, manifest in input.set
	manifest.kind == "HorizontalPodAutoscaler"
	is_number(manifest.spec.targetCPUUtilizationPercentage)
}

requests(owner, resource) if {
	some field in ["requests", "limits"]
	owner.resources[field][resource] != null
}
