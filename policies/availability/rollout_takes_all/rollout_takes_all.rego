# METADATA
# title: "A rollout may stop every replica at once"
# description: >-
#   `maxUnavailable` of the rolling update is all of them: the old pods go before the new ones are
#   ready, and a version that does not start is an outage. `Recreate` says so openly and is not
#   judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable
# custom:
#   id: AUD-AVAIL-0012
#   severity: medium
#   kinds:
#     - apps/Deployment
#   remediation: >-
#     Lower `maxUnavailable`, or leave it out (25 %).
#   reads:
#     - spec.replicas
#     - spec.strategy.rollingUpdate.maxUnavailable
#   since: 0.1.0
package auditor.availability.rollout_takes_all

findings contains {
	"message": sprintf("a rollout may stop %v of the replicas at once", [value]),
	"pointer": "spec.strategy.rollingUpdate.maxUnavailable",
	"details": {"value": value},
} if {
	value := input.resource.spec.strategy.rollingUpdate.maxUnavailable
	is_all(value)
	object.get(input.resource.spec, "replicas", 2) != 1
}

is_all("100%")

is_all(value) if {
	is_number(value)
	is_number(input.resource.spec.replicas)
	value >= input.resource.spec.replicas
	value > 0
}
