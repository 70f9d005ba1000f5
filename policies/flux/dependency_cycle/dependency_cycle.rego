# METADATA
# title: "Dependencies go in a circle"
# description: >-
#   Each waits for the other, so none of them is applied any more; Flux reports it as dependency not
#   ready.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies
# custom:
#   id: AUD-FLUX-0019
#   severity: high
#   scope: environment
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   remediation: >-
#     Remove one of the `dependsOn` of the circle.
#   reads:
#     - spec.dependsOn
#   since: 0.1.0
package auditor.flux.dependency_cycle

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("%s waits for itself by way of %s", [set.name(manifest), dependency.name]),
	"pointer": sprintf("spec.dependsOn%s", [text.entry_key(number, dependency)]),
	"details": {"by_way_of": dependency.name},
	"resource": index,
} if {
	count(edges) > 0
	some index, manifest in input.set
	some number, dependency in manifest.spec.dependsOn
	own := key(manifest.kind, set.namespace(manifest), set.name(manifest))
	own in waited_for
	next := dependency_of(manifest, dependency)
	next in waiting
	own in graph.reachable(waits_for, {next})
}

# A cycle is made of those that wait and are waited for: most are only one of the two.
waited_for := {pair[1] | some pair in pairs}

waiting := {pair[0] | some pair in pairs}

edges := {pair | some pair in pairs; pair[0] in waited_for; pair[1] in waiting}

# Made once: a rule by key would be looked for again for each key.
waits_for := {own: awaited |
	some own in {edge[0] | some edge in edges}
	awaited := {edge[1] | some edge in edges; edge[0] == own}
}

pairs contains [own, dependency_of(manifest, dependency)] if {
	some manifest in input.set
	some dependency in manifest.spec.dependsOn
	own := key(manifest.kind, set.namespace(manifest), set.name(manifest))
}

dependency_of(manifest, dependency) := key(manifest.kind, text.plain(object.get(dependency, "namespace", set.namespace(manifest))), dependency.name)

key(kind, namespace, name) := sprintf("%s %s/%s", [kind, namespace, name])
