# METADATA
# title: "A canary tolerates many failed checks"
# description: >-
#   `threshold` is how many checks may fail before the rollback. More than the parameter `most`
#   (20) keeps a broken version under traffic for a long time.
# related_resources:
#   - ref: https://docs.flagger.app/usage/how-it-works#canary-analysis
# custom:
#   id: AUD-FLAG-0004
#   severity: low
#   kinds:
#     - flagger.app/Canary
#   remediation: >-
#     Lower `analysis.threshold`.
#   reads:
#     - spec.analysis
#     - spec.canaryAnalysis
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       most:
#         type: integer
#         minimum: 1
#         default: 20
#         description: Failed checks that are still accepted.
package auditor.flagger.threshold_high

findings contains {
	"message": sprintf("%d checks may fail before the rollback", [threshold]),
	"pointer": sprintf("spec.%s.threshold", [field]),
	"details": {"threshold": threshold},
} if {
	some field in ["analysis", "canaryAnalysis"]
	threshold := input.resource.spec[field].threshold
	is_number(threshold)
	threshold > input.parameters.most
}
