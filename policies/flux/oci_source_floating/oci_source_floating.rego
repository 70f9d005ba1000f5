# METADATA
# title: "An OCI source follows whatever is pushed"
# description: >-
#   Without a reference, with the tag `latest` or with a version range, what runs changes without
#   a change in git: nobody reviews it and no revert brings the old state back.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/ocirepositories/#reference
# custom:
#   id: AUD-FLUX-0002
#   severity: medium
#   kinds:
#     - source.toolkit.fluxcd.io/OCIRepository
#   remediation: >-
#     Name a version (`ref.tag`), better a digest (`ref.digest`), and let a bot propose updates.
#   reads:
#     - spec.ref
#   since: 0.1.0
package auditor.flux.oci_source_floating

import data.auditor.lib.version

findings contains {
	"message": "the source names no version and takes latest",
	"pointer": "spec.ref",
	"details": {},
} if {
	is_object(input.resource.spec)
	not named
}

findings contains {
	"message": "the source follows the tag latest",
	"pointer": "spec.ref.tag",
	"details": {},
} if {
	input.resource.spec.ref.tag == "latest"
	not digest
}

findings contains {
	"message": sprintf("the source follows the version range %s", [range]),
	"pointer": "spec.ref.semver",
	"details": {"range": range},
} if {
	range := input.resource.spec.ref.semver
	version.is_range(range)
	not digest
}

named if {
	some field in ["tag", "semver", "digest"]
	input.resource.spec.ref[field] != ""
}

digest if input.resource.spec.ref.digest != ""
