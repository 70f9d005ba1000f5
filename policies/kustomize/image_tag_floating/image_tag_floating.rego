# METADATA
# title: "A kustomization sets the image tag `latest`"
# description: >-
#   The images transformer overrides whatever the base pins.
# related_resources:
#   - ref: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
# custom:
#   id: AUD-KUST-0004
#   severity: medium
#   kinds:
#     - kustomize.config.k8s.io/Kustomization
#     - kustomize.config.k8s.io/Component
#   remediation: >-
#     Set `newTag` to a version, better `digest`.
#   reads:
#     - images[].digest
#     - images[].name
#     - images[].newTag
#   since: 0.1.0
package auditor.kustomize.image_tag_floating

import data.auditor.lib.text

findings contains {
	"message": sprintf("the image %s is set to latest", [text.plain(object.get(image, "name", "without a name"))]),
	"pointer": sprintf("images%s.newTag", [text.entry_key(index, image)]),
	"details": {},
} if {
	some index, image in input.resource.images
	image.newTag == "latest"
	object.get(image, "digest", "") == ""
}
