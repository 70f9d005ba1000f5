# METADATA
# title: "A canary's weights do not make steps"
# description: >-
#   Without `stepWeight`, `stepWeights` or `iterations` Flagger promotes at once or not at all; a step
#   larger than `maxWeight` sends that much traffic to the new version before anything is measured;
#   more than 100 is no weight.
# related_resources:
#   - ref: https://docs.flagger.app/usage/deployment-strategies
# custom:
#   id: AUD-FLAG-0005
#   severity: medium
#   kinds:
#     - flagger.app/Canary
#   remediation: >-
#     Set `stepWeight` below `maxWeight` (at most 100), rising `stepWeights`, or `iterations` for a
#     blue/green rollout.
#   reads:
#     - spec.analysis
#     - spec.canaryAnalysis
#   since: 0.1.0
package auditor.flagger.weights_wrong

findings contains {
	"message": "neither steps nor iterations are declared",
	"pointer": sprintf("spec.%s.stepWeight", [field]),
	"details": {},
} if {
	some field, analysis in analyses
	not has_steps(analysis)
}

findings contains {
	"message": sprintf("the first step of %d goes past maxWeight %d", [analysis.stepWeight, most]),
	"pointer": sprintf("spec.%s.stepWeight", [field]),
	"details": {"step": analysis.stepWeight, "most": most},
} if {
	some field, analysis in analyses
	most := object.get(analysis, "maxWeight", 100)
	is_number(analysis.stepWeight)
	analysis.stepWeight > most
}

findings contains {
	"message": sprintf("%s is %d, and weights end at 100", [name, analysis[name]]),
	"pointer": sprintf("spec.%s.%s", [field, name]),
	"details": {},
} if {
	some field, analysis in analyses
	some name in ["maxWeight", "stepWeightPromotion"]
	is_number(analysis[name])
	analysis[name] > 100
}

findings contains {
	"message": "the steps do not rise, or go past 100",
	"pointer": sprintf("spec.%s.stepWeights", [field]),
	"details": {},
} if {
	some field, analysis in analyses
	goes_wrong(analysis.stepWeights)
}

analyses[field] := input.resource.spec[field] if {
	some field in ["analysis", "canaryAnalysis"]
	is_object(input.resource.spec[field])
}

has_steps(analysis) if {
	some name in ["stepWeight", "iterations"]
	analysis[name] > 0
}

has_steps(analysis) if count(analysis.stepWeights) > 0

# A/B tests and mirrored traffic count their checks as iterations.
has_steps(analysis) if count(analysis.match) > 0

goes_wrong(weights) if {
	some weight in weights
	weight > 100
}

goes_wrong(weights) if {
	some index, weight in weights
	weight >= weights[index + 1]
}
