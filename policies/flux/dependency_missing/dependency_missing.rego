# METADATA
# title: "A dependency does not exist"
# description: >-
#   The Kustomization or HelmRelease named under `dependsOn` is not declared in this environment. Flux
#   never applies what waits for it, and says so only in the object's status.
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
	known := declared[manifest.kind]
	not wanted in known
	kind := manifest.kind
	not kind in named_later
}

# Made once: a rule by key would be looked for again for each key.
declared := {kind: names |
	some kind in {"HelmRelease", "Kustomization"}
	names := {set.name(manifest) | some manifest in input.set; manifest.kind == kind}
}

# A name with a variable may become any name.
named_later contains manifest.kind if {
	some manifest in input.set
	text.is_placeholder(manifest.metadata.name)
}
