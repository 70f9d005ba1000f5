# METADATA
# title: "A base image has no version"
# description: >-
#   Without a tag, or with one that is made to move such as `latest`, each build starts from whatever
#   was pushed last, so two builds of one commit differ. ARGs count with their defaults; what has none
#   is not judged.
# related_resources:
#   - ref: https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
# custom:
#   id: AUD-DOCK-0001
#   severity: medium
#   kinds:
#     - docker/Dockerfile
#   remediation: >-
#     Name a version, better with its digest.
#   reads:
#     - stages
#   since: 0.1.0
package auditor.dockerfile.base_floating

import data.auditor.lib.dockerfile
import data.auditor.lib.image

findings contains {
	"message": sprintf("the base image %s has no version", [base.image]),
	"pointer": base.pointer,
	"details": {"image": base.image},
} if {
	some base in dockerfile.bases
	parsed := image.parse(base.image)
	image.moves(parsed)
}
