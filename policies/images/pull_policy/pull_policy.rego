# METADATA
# title: "A moving tag is not pulled anew"
# description: >-
#   With imagePullPolicy IfNotPresent or Never each node runs the version of the tag that it
#   pulled first, so that replicas of one workload differ and a restart changes nothing. Without a
#   policy `latest` is pulled always, other tags are not.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
# custom:
#   id: AUD-IMG-0005
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Pin the image; until then set `imagePullPolicy: Always`.
#   reads:
#     - workload.containers[].image
#     - workload.containers[].imagePullPolicy
#     - workload.containers[].name
#   since: 0.1.0
package auditor.images.pull_policy

import data.auditor.lib.image
import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s runs %s with imagePullPolicy %s: nodes run different versions", [container.name, container.value.image, policy]),
	"pointer": sprintf("%s.imagePullPolicy", [container.pointer]),
	"details": {"image": container.value.image, "policy": policy},
} if {
	some container in workload.containers
	parsed := image.parse(container.value.image)
	image.moves(parsed)
	policy := effective_policy(container.value, parsed)
	policy in {"IfNotPresent", "Never"}
}

effective_policy(container, _) := container.imagePullPolicy if is_string(container.imagePullPolicy)

effective_policy(container, parsed) := text.plain("IfNotPresent") if {
	not is_string(object.get(container, "imagePullPolicy", null))
	parsed.tag != ""
	parsed.tag != "latest"
}
