# METADATA
# title: "An image is not pinned by digest"
# description: >-
#   A tag can be moved to other content after review; a digest cannot. References with a variable
#   in them are not judged; a missing or moving tag is a finding of AUD-IMG-0001.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/containers/images/#image-names
# custom:
#   id: AUD-IMG-0002
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Add the digest behind the tag (`name:1.4.2@sha256:…`); Renovate and Flux's image automation
#     keep it current.
#   reads:
#     - workload.containers[].image
#     - workload.containers[].name
#   since: 0.1.0
package auditor.images.not_pinned_by_digest

import data.auditor.lib.image
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s runs %s by a tag that can be moved", [container.name, container.value.image]),
	"pointer": sprintf("%s.image", [container.pointer]),
	"details": {"image": container.value.image, "container": container.name},
} if {
	some container in workload.containers
	parsed := image.parse(container.value.image)
	parsed.digest == ""
	not image.moves(parsed)
}
