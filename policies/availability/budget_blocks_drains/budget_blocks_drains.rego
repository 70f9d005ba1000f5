# METADATA
# title: "A PodDisruptionBudget never allows an eviction"
# description: >-
#   With `maxUnavailable: 0` or `minAvailable: 100%` nodes cannot be drained: upgrades and repairs
#   of the cluster stop, until somebody deletes pods by hand and past the budget.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   id: AUD-AVAIL-0005
#   severity: medium
#   kinds:
#     - policy/PodDisruptionBudget
#   remediation: >-
#     Allow one: `maxUnavailable: 1`.
#   reads:
#     - spec.maxUnavailable
#     - spec.minAvailable
#   since: 0.1.0
package auditor.availability.budget_blocks_drains

findings contains {
	"message": sprintf("%s: %v allows no eviction", [field, value]),
	"pointer": sprintf("spec.%s", [field]),
	"details": {"value": value},
} if {
	some field, values in {"maxUnavailable": [0, "0", "0%"], "minAvailable": ["100%"]}
	value := input.resource.spec[field]
	value in values
}
