# METADATA
# title: "A dependency is ready before its objects are"
# description: >-
#   A Kustomization that others wait for (`dependsOn`) neither waits for its objects nor names health
#   checks. It is ready as soon as they are applied, so those that depend on it start before what they
#   need runs.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#wait
# custom:
#   id: AUD-FLUX-0017
#   severity: low
#   scope: environment
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#   remediation: >-
#     Set `wait: true`, or list `healthChecks`, on the Kustomization that others depend on.
#   reads:
#     - spec.dependsOn
#     - spec.wait
#     - spec.healthChecks
#   since: 0.1.0
package auditor.flux.dependency_not_awaited

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("%s depends on it, and it does not wait for its objects", [dependent]),
	"pointer": "spec.wait",
	"details": {"dependent": dependent},
	"resource": index,
} if {
	some index, manifest in input.set
	is_object(manifest.spec)
	object.get(manifest, ["spec", "wait"], false) == false
	count(object.get(manifest, ["spec", "healthChecks"], [])) == 0
	own := set.namespace(manifest)
	name := set.name(manifest)
	depending := [pair.dependent | some pair in dependents[name]; meets(pair.place, own)]
	dependent := min(depending)
}

# Made once: a rule by key would be looked for again for each key.
dependents := {wanted: pairs |
	some wanted in {pair.wanted | some pair in waiting}
	pairs := [pair | some pair in waiting; pair.wanted == wanted]
}

waiting := [pair |
	some manifest in input.set
	some dependency in manifest.spec.dependsOn
	object.get(dependency, "readyExpr", "") == ""
	pair := {
		"wanted": dependency.name,
		"place": text.plain(object.get(dependency, "namespace", set.namespace(manifest))),
		"dependent": set.name(manifest),
	}
]

# What names no namespace may be put into any.
meets(wanted, declared) if wanted == declared

meets(wanted, declared) if {
	wanted != declared
	"" in {wanted, declared}
}
