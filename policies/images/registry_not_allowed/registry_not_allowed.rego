# METADATA
# title: "An image comes from a registry that is not allowed"
# description: >-
#   The organisation's list of registries (parameter `allowed`) decides whose images run. While
#   the list is empty every registry is allowed. An entry is a registry (`registry.example.org`,
#   `docker.io`), or a registry with the beginning of a path (`ghcr.io/our-org`,
#   `docker.io/library`), whole segments only. An image without a registry comes from docker.io.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   id: AUD-IMG-0003
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Copy the image into an allowed registry, or add the registry to the list after review.
#   reads:
#     - workload.containers[].image
#     - workload.containers[].name
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items:
#           type: string
#         default: []
#         description: Registries, or registries with the beginning of a path.
package auditor.images.registry_not_allowed

import data.auditor.lib.image
import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s runs %s from %s, which is not on the list of registries", [container.name, container.value.image, parsed.registry]),
	"pointer": sprintf("%s.image", [container.pointer]),
	"details": {"image": container.value.image, "registry": parsed.registry},
} if {
	count(input.parameters.allowed) > 0
	some container in workload.containers
	parsed := image.parse(container.value.image)
	not listed(parsed)
}

# Hosts are the same whatever their case, paths are not.
listed(parsed) if {
	some entry in input.parameters.allowed
	own := sprintf("%s/%s/", [text.plain(lower(parsed.registry)), parsed.repository])
	startswith(own, sprintf("%s/", [text.plain(trim_suffix(entry, "/"))]))
}
