# METADATA
# title: "A git source follows a branch"
# description: >-
#   Whatever lands on the branch of that repository is deployed; a range of versions or a ref that is
#   no tag moves as a branch does. That is how a fleet's own repository works, so the source that
#   `flux bootstrap` makes (flux-system) is left out, and so is one that three Kustomizations or more
#   of the environment take from; for somebody else's repository it gives them the cluster. Of several
#   fields, Flux takes `commit`, then `name`, `semver`, `tag` and `branch`.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/gitrepositories/#reference
# custom:
#   id: AUD-FLUX-0003
#   severity: low
#   scope: environment
#   about:
#     - source.toolkit.fluxcd.io/GitRepository
#   kinds:
#     - source.toolkit.fluxcd.io/GitRepository
#     - kustomize.toolkit.fluxcd.io/Kustomization
#   remediation: >-
#     Name a tag or commit under `ref`, or protect the branch and verify its signatures
#     (`spec.verify`).
#   reads:
#     - spec.ref
#     - spec.sourceRef
#     - spec.verify
#   since: 0.1.0
package auditor.flux.git_source_floating

import data.auditor.lib.set
import data.auditor.lib.text
import data.auditor.lib.version

findings contains {
	"message": sprintf("the source follows the ref %s", [name]),
	"pointer": "spec.ref",
	"details": {"ref": name},
	"resource": source.index,
} if {
	some source in sources
	name := source.ref.name
	text.is_known(name)
	name != ""
	startswith(name, "refs/tags/") == false
}

findings contains {
	"message": sprintf("the source follows the version range %s", [range]),
	"pointer": "spec.ref",
	"details": {"range": range},
	"resource": source.index,
} if {
	some source in sources
	not says(source, "name")
	range := source.ref.semver
	range != ""
	version.is_range(range)
}

findings contains {
	"message": sprintf("the source follows the branch %s", [branch]),
	"pointer": "spec.ref",
	"details": {"branch": branch},
	"resource": source.index,
} if {
	some source in sources
	not says(source, "name")
	not says(source, "semver")
	not says(source, "tag")
	branch := text.plain(object.get(source.ref, "branch", "master"))
	text.is_known(branch)
}

# Those that are somebody else's, neither verified nor held by a commit.
sources := [source |
	some index in numbers.range(0, count(input.set) - 1)
	manifest := input.set[index]
	manifest.kind == "GitRepository"
	is_object(manifest.spec)
	name := set.name(manifest)
	name != "flux-system"
	not name in own
	verify := object.get(manifest.spec, "verify", null)
	not is_object(verify)
	source := {"index": index, "ref": object.get(manifest.spec, "ref", {})}
	not says(source, "commit")
]

says(source, field) if source.ref[field] != ""

# The fleet's own repository, whatever it is called, is the one that it is made of.
own := [name |
	some name in {name | some name in taken_from}
	count([1 | some other in taken_from; other == name]) >= 3
]

taken_from := [manifest.spec.sourceRef.name |
	some manifest in input.set
	manifest.kind == "Kustomization"
	manifest.spec.sourceRef.kind == "GitRepository"
]
