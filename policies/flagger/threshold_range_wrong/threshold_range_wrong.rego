# METADATA
# title: "A canary's threshold can never or always be met"
# description: >-
#   A range whose `min` is above its `max`, or a success rate above 100, is never met: every release is
#   rolled back. A success rate of 0 or less is always met, so that the check stops nothing.
# related_resources:
#   - ref: https://docs.flagger.app/usage/metrics
# custom:
#   id: AUD-FLAG-0008
#   severity: medium
#   kinds:
#     - flagger.app/Canary
#   remediation: >-
#     Set `thresholdRange.min` of request-success-rate between 1 and 100 (99 is usual), and `min` below
#     `max` elsewhere.
#   reads:
#     - spec.analysis
#     - spec.canaryAnalysis
#   since: 0.2.0
package auditor.flagger.threshold_range_wrong

import data.auditor.lib.text

findings contains {
	"message": sprintf("the metric %s has to be at least %v and at most %v", [text.plain(metric.name), low, high]),
	"pointer": sprintf("spec.%s.metrics%s.thresholdRange", [field, text.entry_key(index, metric)]),
	"details": {},
} if {
	some field in ["analysis", "canaryAnalysis"]
	some index, metric in input.resource.spec[field].metrics
	low := metric.thresholdRange.min
	high := metric.thresholdRange.max
	is_number(low)
	is_number(high)
	low > high
}

findings contains {
	"message": sprintf("a success rate of at least %v %s", [low, what]),
	"pointer": sprintf("spec.%s.metrics%s.thresholdRange.min", [field, text.entry_key(index, metric)]),
	"details": {},
} if {
	some field in ["analysis", "canaryAnalysis"]
	some index, metric in input.resource.spec[field].metrics
	metric.name == "request-success-rate"

	# With a template the name says nothing of the measure.
	not measured_otherwise(metric)
	low := metric.thresholdRange.min
	is_number(low)
	what := said(low)
}

said(low) := "is never reached" if low > 100

said(low) := "is always reached" if low <= 0

measured_otherwise(metric) if is_object(metric.templateRef)

measured_otherwise(metric) if is_string(metric.query)
