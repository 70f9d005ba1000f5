# METADATA
# title: "An image reference cannot be read"
# description: >-
#   No runtime can pull it: upper case in the path, a space, a scheme (`https://…`), an empty tag,
#   a digest of the wrong length. The pod stays in InvalidImageName, and no rule on images can
#   judge it.
# related_resources:
#   - ref: https://github.com/distribution/reference/blob/main/reference.go
# custom:
#   id: AUD-IMG-0004
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Write it as `[registry[:port]/]path[:tag][@sha256:<64 hex digits>]`, the path in lower case.
#   reads:
#     - workload.containers[].image
#     - workload.containers[].name
#   since: 0.1.0
package auditor.images.unreadable_reference

import data.auditor.lib.image
import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s has the image %s, which is no image reference", [container.name, text.quoted(container.value.image)]),
	"pointer": sprintf("%s.image", [container.pointer]),
	"details": {"image": container.value.image, "container": container.name},
} if {
	some container in workload.containers
	image.is_broken(container.value.image)
}
