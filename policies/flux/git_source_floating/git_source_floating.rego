# METADATA
# title: "A git source follows a branch"
# description: >-
#   Whatever lands on the branch of that repository is deployed; a range of versions or a ref that is
#   no tag moves as a branch does. That is how a fleet's own repository works, so the source that
#   `flux bootstrap` makes (flux-system) is left out; for somebody else's repository it gives them
#   the cluster. Of several fields, Flux takes `commit`, then `name`, `semver`, `tag` and `branch`.
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
import data.auditor.lib.version

findings contains {
	"message": sprintf("the source follows the ref %s", [name]),
	"pointer": "spec.ref",
	"details": {"ref": name},
} if {
	judged
	name := input.resource.spec.ref.name
	text.is_known(name)
	name != ""
	startswith(name, "refs/tags/") == false
}

findings contains {
	"message": sprintf("the source follows the version range %s", [range]),
	"pointer": "spec.ref",
	"details": {"range": range},
} if {
	judged
	not named.name
	range := input.resource.spec.ref.semver
	range != ""
	version.is_range(range)
}

findings contains {
	"message": sprintf("the source follows the branch %s", [branch]),
	"pointer": "spec.ref",
	"details": {"branch": branch},
} if {
	judged
	not named.name
	not named.semver
	not named.tag
	branch := text.plain(object.get(input.resource.spec, ["ref", "branch"], "master"))
	text.is_known(branch)
}

judged if {
	input.resource.metadata.name != "flux-system"
	is_object(input.resource.spec)
	not named.commit
	not verified
}

verified if is_object(input.resource.spec.verify)

# The fields of the reference that say something.
named[field] if {
	some field in ["commit", "name", "semver", "tag"]
	input.resource.spec.ref[field] != ""
}
