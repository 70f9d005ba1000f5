# METADATA
# title: "A source that is named does not exist"
# description: >-
#   No source of that kind and name is declared in this environment, although others of its kind are
#   in that namespace. Flux cannot fetch anything and the objects stay as they were.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#source-reference
# custom:
#   id: AUD-FLUX-0020
#   severity: medium
#   scope: environment
#   about:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - source.toolkit.fluxcd.io/Bucket
#   remediation: >-
#     Correct the reference, or declare the source.
#   reads:
#     - spec.sourceRef
#     - spec.chartRef
#     - spec.chart.spec.sourceRef
#   shared:
#     - metadata.name
#   since: 0.1.0
package auditor.flux.source_missing

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("there is no %s %s in %s", [reference.kind, reference.name, namespace]),
	"pointer": place,
	"details": {"name": reference.name},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind in {"Kustomization", "HelmRelease"}
	some place, path in places
	reference := object.get(manifest, path, null)
	text.is_known(reference.name)
	reference.name != "flux-system"
	namespace := text.plain(object.get(reference, "namespace", set.namespace(manifest)))
	place_of := sprintf("%s %s", [reference.kind, namespace])
	known := declared[place_of]
	wanted := reference.name
	not wanted in known
	not place_of in named_later
}

# Made once: a rule by key would be looked for again for each key.
declared := {place_of: names |
	some place_of in {source.place | some source in sources}
	names := {source.name | some source in sources; source.place == place_of}
}

sources contains {"place": place_of, "name": name} if {
	some manifest in input.set
	startswith(manifest.apiVersion, "source.toolkit.fluxcd.io/")
	place_of := sprintf("%s %s", [manifest.kind, set.namespace(manifest)])
	name := set.name(manifest)
}

# A name with a variable may become any name.
named_later contains place_of if {
	some manifest in input.set
	text.is_placeholder(manifest.metadata.name)
	place_of := sprintf("%s %s", [manifest.kind, set.namespace(manifest)])
}

places := {
	"spec.sourceRef": ["spec", "sourceRef"],
	"spec.chartRef": ["spec", "chartRef"],
	"spec.chart.spec.sourceRef": ["spec", "chart", "spec", "sourceRef"],
}
