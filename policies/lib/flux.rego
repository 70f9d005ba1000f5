# What Flux changes on the way to the cluster: patches of its Kustomizations.
package auditor.lib.flux

# Some Kustomization of the set patches Helm releases with a text that holds the word. Which of them it meets
# is for its target to say, and patches may nest, so the whole set counts as patched.
patches_releases_with(word) if {
	some patch in patches_of_releases
	contains(patch, word)
}

# Looked for once, not once a release.
patches_of_releases := {patch.patch |
	some manifest in input.set
	manifest.kind == "Kustomization"
	some patch in manifest.spec.patches
	is_for_releases(patch)
}

is_for_releases(patch) if patch.target.kind == "HelmRelease"

is_for_releases(patch) if contains(patch.patch, "HelmRelease")
