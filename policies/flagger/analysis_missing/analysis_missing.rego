# METADATA
# title: "A canary is promoted without analysis"
# description: >-
#   There is no `analysis` (or `skipAnalysis: true`), so a new version takes all traffic whatever
#   it does: the canary only looks like a safety net.
# related_resources:
#   - ref: https://docs.flagger.app/usage/how-it-works#canary-analysis
# custom:
#   id: AUD-FLAG-0001
#   severity: high
#   kinds:
#     - flagger.app/Canary
#   remediation: >-
#     Declare `spec.analysis` with metrics and a threshold, and remove `skipAnalysis`.
#   reads:
#     - spec.analysis
#     - spec.canaryAnalysis
#     - spec.skipAnalysis
#   since: 0.1.0
package auditor.flagger.analysis_missing

findings contains {
	"message": "the canary has no analysis",
	"pointer": "spec.analysis",
	"details": {},
} if {
	is_object(input.resource.spec)
	not analysed
}

findings contains {
	"message": "the analysis is skipped",
	"pointer": "spec.skipAnalysis",
	"details": {},
} if {
	input.resource.spec.skipAnalysis == true
}

# canaryAnalysis is the field's older name.
analysed if {
	some field in ["analysis", "canaryAnalysis"]
	is_object(input.resource.spec[field])
}
