# METADATA
# title: "A chart that Kustomize inflates has no version"
# description: >-
#   Without `version`, or with a range, each build takes the newest chart.
# related_resources:
#   - ref: https://kubectl.docs.kubernetes.io/references/kustomize/builtins/#_helmchartinflationgenerator_
# custom:
#   id: AUD-KUST-0003
#   severity: medium
#   kinds:
#     - kustomize.config.k8s.io/Kustomization
#     - kustomize.config.k8s.io/Component
#   remediation: >-
#     Name the chart's version.
#   reads:
#     - helmCharts[].name
#     - helmCharts[].repo
#     - helmCharts[].version
#   since: 0.1.0
package auditor.kustomize.helm_chart_floating

import data.auditor.lib.text
import data.auditor.lib.version

findings contains {
	"message": sprintf("the chart %s is taken in version %s", [text.plain(object.get(chart, "name", "without a name")), wanted]),
	"pointer": sprintf("helmCharts%s.version", [text.entry_key(index, chart)]),
	"details": {"version": wanted},
} if {
	some index, chart in input.resource.helmCharts
	is_string(object.get(chart, "repo", null))
	wanted := text.plain(object.get(chart, "version", "*"))
	version.is_range(wanted)
}
