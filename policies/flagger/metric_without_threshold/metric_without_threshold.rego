# METADATA
# title: "A canary's metric has no threshold"
# description: >-
#   A metric without `thresholdRange` (or the older `threshold`) cannot fail, so it stops nothing.
# related_resources:
#   - ref: https://docs.flagger.app/usage/metrics
# custom:
#   id: AUD-FLAG-0003
#   severity: medium
#   kinds:
#     - flagger.app/Canary
#   remediation: >-
#     Add `thresholdRange` with min or max.
#   reads:
#     - spec.analysis
#     - spec.canaryAnalysis
#   since: 0.1.0
package auditor.flagger.metric_without_threshold

import data.auditor.lib.text

findings contains {
	"message": sprintf("the metric %s has no threshold", [text.plain(object.get(metric, "name", "without a name"))]),
	"pointer": sprintf("spec.%s.metrics%s", [field, text.entry_key(index, metric)]),
	"details": {},
} if {
	some field in ["analysis", "canaryAnalysis"]
	some index, metric in input.resource.spec[field].metrics
	is_object(metric)
	not bounded(metric)
}

bounded(metric) if {
	some bound in ["min", "max"]
	metric.thresholdRange[bound] != null
}

bounded(metric) if metric.threshold != null
