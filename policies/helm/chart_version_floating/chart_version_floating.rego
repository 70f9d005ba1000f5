# METADATA
# title: "A Helm release takes whatever chart version comes"
# description: >-
#   Without a version, or with a range, the chart is upgraded without a change in git. Charts out
#   of a GitRepository or Bucket have no version of their own there and are judged at their
#   source; a chartRef is judged at the OCIRepository.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#chart-template
# custom:
#   id: AUD-HELM-0001
#   severity: medium
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#   remediation: >-
#     Name the version; let a bot propose the next.
#   reads:
#     - spec.chart.spec.chart
#     - spec.chart.spec.sourceRef.kind
#     - spec.chart.spec.version
#   since: 0.1.0
package auditor.helm.chart_version_floating

import data.auditor.lib.text
import data.auditor.lib.version

findings contains {
	"message": sprintf("the chart %s is taken in version %s", [input.resource.spec.chart.spec.chart, shown]),
	"pointer": "spec.chart.spec.version",
	"details": {"version": wanted},
} if {
	object.get(input.resource.spec.chart.spec, ["sourceRef", "kind"], "HelmRepository") == "HelmRepository"
	wanted := text.plain(object.get(input.resource.spec.chart.spec, "version", "*"))
	version.is_range(wanted)
	shown := wanted
}
