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
	"message": sprintf("the source follows the %s %s", [what, followed]),
	"pointer": "spec.ref",
	"details": {what: followed},
} if {
	input.resource.metadata.name != "flux-system"
	is_object(input.resource.spec)
	not verified
	ref := object.get(input.resource.spec, "ref", {})
	given("commit", ref) == ""
	some what, followed in moving(ref)
}

verified if is_object(input.resource.spec.verify)

# What of the reference moves, by the field that Flux obeys.
moving(ref) := {"ref": name | name := given("name", ref); text.is_known(name); startswith(name, "refs/tags/") == false} if {
	given("name", ref) != ""
}

moving(ref) := {"range": range | range := given("semver", ref); version.is_range(range)} if {
	given("name", ref) == ""
	given("semver", ref) != ""
}

moving(ref) := {"branch": branch | branch := branch_of(ref); text.is_known(branch)} if {
	given("name", ref) == ""
	given("semver", ref) == ""
	given("tag", ref) == ""
}

branch_of(ref) := text.plain(object.get(ref, "branch", "master"))

given(field, ref) := text.plain(object.get(ref, field, ""))
