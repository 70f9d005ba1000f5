# METADATA
# title: "A workload has too few replicas"
# description: >-
#   How few is too few is the organisation's choice, usually per environment: the parameter
#   `minimum`; while it is 1 nothing is judged. A workload without `replicas` may be scaled
#   automatically and is not judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
# custom:
#   id: AUD-AVAIL-0010
#   severity: low
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#   remediation: >-
#     Raise `spec.replicas`, or set the parameter for the environment.
#   reads:
#     - spec.replicas
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       minimum:
#         type: integer
#         minimum: 1
#         default: 1
#         description: The fewest replicas that a Deployment or StatefulSet may state.
package auditor.availability.too_few_replicas

findings contains {
	"message": sprintf("%d replicas, at least %d are asked for", [input.resource.spec.replicas, input.parameters.minimum]),
	"pointer": "spec.replicas",
	"details": {"replicas": input.resource.spec.replicas},
} if {
	is_number(input.resource.spec.replicas)
	input.resource.spec.replicas > 0
	input.resource.spec.replicas < input.parameters.minimum
}
