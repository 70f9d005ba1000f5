# METADATA
# title: "An autoscaler's minimum is over its maximum"
# description: >-
#   The API server refuses the autoscaler, or KEDA leaves the workload as it is.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
# custom:
#   id: AUD-AVAIL-0007
#   severity: medium
#   kinds:
#     - autoscaling/HorizontalPodAutoscaler
#     - keda.sh/ScaledObject
#   remediation: >-
#     Correct the bounds.
#   reads:
#     - spec.maxReplicaCount
#     - spec.maxReplicas
#     - spec.minReplicaCount
#     - spec.minReplicas
#   since: 0.1.0
package auditor.availability.autoscaler_bounds

findings contains {
	"message": sprintf("the minimum %d is over the maximum %d", [least, most]),
	"pointer": sprintf("spec.%s", [fields[0]]),
	"details": {"minimum": least, "maximum": most},
} if {
	some fields in [["minReplicas", "maxReplicas"], ["minReplicaCount", "maxReplicaCount"]]
	least := input.resource.spec[fields[0]]
	most := input.resource.spec[fields[1]]
	is_number(least)
	is_number(most)
	least > most
}
