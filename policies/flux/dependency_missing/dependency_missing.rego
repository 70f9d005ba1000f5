# METADATA
# title: "A dependency does not exist"
# description: >-
#   The Kustomization or HelmRelease named under `dependsOn` is not declared in this environment,
#   although others of its kind are in that namespace. Flux never applies what waits for it, and says
#   so only in the object's status.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies
# custom:
#   id: AUD-FLUX-0018
#   severity: medium
#   scope: environment
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   remediation: >-
#     Correct the name, or declare what is missing.
#   reads:
#     - spec.dependsOn
#   since: 0.1.0
package auditor.flux.dependency_missing

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("there is no %s %s", [manifest.kind, wanted]),
	"pointer": sprintf("spec.dependsOn%s", [text.entry_key(number, dependency)]),
	"details": {"name": wanted},
	"resource": index,
} if {
	some index, manifest in input.set
	some number, dependency in manifest.spec.dependsOn
	wanted := dependency.name
	text.is_known(wanted)
	kind := manifest.kind
	place := place_of(manifest, dependency)
	declared := near[kind]
	places := declared.places[place]
	count({other | some other in places; [other, wanted] in declared.names}) == 0
	not kind in named_later
}

# Kind → what is declared, as pairs of namespace and name, and by namespace those that may turn out to be the same.
# Made once: a rule by key would be looked for again for each key. A namespace without one of the kind is no key: what
# is declared elsewhere is not missing.
near := {kind: {"names": names, "places": places} |
	some kind in {"HelmRelease", "Kustomization"}
	names := {[set.namespace(manifest), set.name(manifest)] | some manifest in input.set; manifest.kind == kind}
	declared := {pair[0] | some pair in names}
	places := {place: others |
		some place in wanted_places
		others := {other | some other in declared; meets(place, other)}
		count(others) > 0
	}
}

wanted_places := {place |
	some manifest in input.set
	some dependency in manifest.spec.dependsOn
	place := place_of(manifest, dependency)
}

place_of(manifest, dependency) := text.plain(object.get(dependency, "namespace", set.namespace(manifest)))

# What names no namespace may be put into any; so may what a variable names.
meets(wanted, declared) if wanted == declared

meets(wanted, declared) if {
	wanted != declared
	"" in {wanted, declared}
}

meets(wanted, declared) if {
	wanted != declared
	not "" in {wanted, declared}
	text.is_placeholder(concat("", [wanted, declared]))
}

# A name with a variable may become any name.
named_later contains manifest.kind if {
	some manifest in input.set
	text.is_placeholder(manifest.metadata.name)
}
