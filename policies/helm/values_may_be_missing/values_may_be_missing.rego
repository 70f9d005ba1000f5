# METADATA
# title: "A Helm release goes on without its values"
# description: >-
#   With `optional: true` a missing ConfigMap or Secret is passed over and the chart's defaults apply,
#   a default password among them.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#values-references
# custom:
#   id: AUD-HELM-0006
#   severity: low
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#   remediation: >-
#     Remove `optional`, so that the release waits for its values.
#   reads:
#     - spec.valuesFrom
#   since: 0.1.0
package auditor.helm.values_may_be_missing

import data.auditor.lib.text

findings contains {
	"message": sprintf("without %s the release uses the chart's defaults", [text.plain(object.get(source, "name", "it"))]),
	"pointer": sprintf("spec.valuesFrom%s.optional", [text.entry_key(index, source)]),
	"details": {},
} if {
	some index, source in input.resource.spec.valuesFrom
	source.optional == true
	source.kind == "Secret"
}
