# What changes Flux's objects on the way to the cluster: patches of its Kustomizations and of shared components.
package auditor.lib.flux

# Some Kustomization or component of the set patches Helm releases with a text that holds the word. Which of
# them it meets is for its target to say, and patches may nest, so the whole set counts as patched.
patches_releases_with(word) if {
	some patch in patches_of_releases
	contains(patch, word)
}

# Looked for once, not once a release.
patches_of_releases := {patch.patch |
	some manifest in input.set
	some patch in patches_of(manifest)
	is_for_releases(patch)
}

# Kustomize's own Kustomization patches what it takes in alone, and that is seen where it is rendered.
patches_of(manifest) := manifest.spec.patches if manifest.kind == "Kustomization"

patches_of(manifest) := manifest.patches if manifest.kind == "Component"

is_for_releases(patch) if patch.target.kind == "HelmRelease"

is_for_releases(patch) if contains(patch.patch, "HelmRelease")
