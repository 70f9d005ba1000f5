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
	known := near[kind][place]
	not wanted in known
	not kind in named_later
}

# Kind → namespace → names there. Made once: a rule by key would be looked for again for each key. A namespace
# without one of the kind is no key: what is declared elsewhere is not missing.
near := {kind: places |
	some kind in {"HelmRelease", "Kustomization"}
	placed := [{"place": set.namespace(manifest), "name": set.name(manifest)} | some manifest in input.set; manifest.kind == kind]
	declared := {place: names |
		some place in {one.place | some one in placed}
		names := {one.name | some one in placed; one.place == place}
	}
	places := {place: names |
		some place in wanted_places
		names := {name | some other, there in declared; meets(place, other); some name in there}
		count(names) > 0
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
