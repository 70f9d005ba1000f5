# METADATA
# title: "A base image is not pinned by digest"
# description: >-
#   A tag can be pushed again; only a digest is what was looked at.
# related_resources:
#   - ref: https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
# custom:
#   id: AUD-DOCK-0002
#   severity: low
#   kinds:
#     - docker/Dockerfile
#   remediation: >-
#     Add the digest (`image:tag@sha256:…`) and let a bot propose updates.
#   reads:
#     - stages
#   since: 0.1.0
package auditor.dockerfile.base_not_by_digest

import data.auditor.lib.dockerfile
import data.auditor.lib.image

findings contains {
	"message": sprintf("the base image %s is named by tag", [base.image]),
	"pointer": base.pointer,
	"details": {"image": base.image},
} if {
	some base in dockerfile.bases
	parsed := image.parse(base.image)
	parsed.digest == ""
}
