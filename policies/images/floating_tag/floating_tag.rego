# METADATA
# title: "An image has no tag, or one that is made to move"
# description: >-
#   What runs then depends on when the node pulled, so git does not say what runs and a rollback
#   restores nothing. No tag means `latest`; `main`, `edge`, `nightly`, `stable` and the like move
#   as well. A digest pins the image whatever the tag says. References with a variable in them are
#   not judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/containers/images/#image-names
#   - ref: https://github.com/distribution/reference/blob/main/reference.go
# custom:
#   id: AUD-IMG-0001
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Name a version, better with its digest (`image: name:1.4.2@sha256:…`).
#   reads:
#     - workload.containers[].image
#     - workload.containers[].name
#   since: 0.1.0
package auditor.images.floating_tag

import data.auditor.lib.image
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s runs %s, which is whatever was pushed last", [container.name, container.value.image]),
	"pointer": sprintf("%s.image", [container.pointer]),
	"details": {"image": container.value.image, "container": container.name},
} if {
	some container in workload.containers
	parsed := image.parse(container.value.image)
	image.moves(parsed)
}
