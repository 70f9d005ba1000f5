# METADATA
# title: "A git source follows a branch"
# description: >-
#   Whatever lands on the branch of that repository is deployed. That is how a fleet's own
#   repository works, so the source that `flux bootstrap` makes (flux-system) is left out; for
#   somebody else's repository it gives them the cluster.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/gitrepositories/#reference
# custom:
#   id: AUD-FLUX-0003
#   severity: low
#   kinds:
#     - source.toolkit.fluxcd.io/GitRepository
#   remediation: >-
#     Name a tag or commit under `ref`, or protect the branch and verify its signatures
#     (`spec.verify`).
#   reads:
#     - metadata.name
#     - spec.ref
#     - spec.verify
#   since: 0.1.0
package auditor.flux.git_source_floating

import data.auditor.lib.text

findings contains {
	"message": sprintf("the source follows the branch %s", [branch]),
	"pointer": "spec.ref",
	"details": {"branch": branch},
} if {
	input.resource.metadata.name != "flux-system"
	is_object(input.resource.spec)
	not pinned
	branch := text.plain(object.get(input.resource.spec, ["ref", "branch"], "master"))
	text.is_known(branch)
}

pinned if {
	some field in ["tag", "semver", "commit", "name"]
	input.resource.spec.ref[field] != ""
}

pinned if is_object(input.resource.spec.verify)
