# METADATA
# title: "A canary's analysis measures nothing"
# description: >-
#   Neither metrics nor a webhook of a kind that can stop the rollout is declared: only time
#   passes before promotion.
# related_resources:
#   - ref: https://docs.flagger.app/usage/how-it-works#canary-analysis
# custom:
#   id: AUD-FLAG-0002
#   severity: medium
#   kinds:
#     - flagger.app/Canary
#   remediation: >-
#     Add metrics such as request-success-rate and request-duration with a thresholdRange.
#   reads:
#     - spec.analysis
#     - spec.canaryAnalysis
#   since: 0.1.0
package auditor.flagger.metrics_missing

findings contains {
	"message": "the analysis has neither metrics nor a gate",
	"pointer": sprintf("spec.%s.metrics", [field]),
	"details": {},
} if {
	some field in ["analysis", "canaryAnalysis"]
	analysis := input.resource.spec[field]
	is_object(analysis)
	count(object.get(analysis, "metrics", [])) == 0
	not gated(analysis)
}

gated(analysis) if {
	some webhook in analysis.webhooks
	object.get(webhook, "type", "rollout") in {"rollout", "pre-rollout", "confirm-rollout", "confirm-promotion", "rollback"}
}
