# METADATA
# title: "An image policy takes any version there is"
# description: >-
#   With the range `*`, `x` or a lower bound alone, the next major version, or whatever number
#   somebody pushes to the registry, is deployed.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/image/imagepolicies/#semver
# custom:
#   id: AUD-FLUX-0015
#   severity: medium
#   kinds:
#     - image.toolkit.fluxcd.io/ImagePolicy
#   remediation: >-
#     Bound the range, such as `1.x` or `>=1.4.0 <2.0.0`, and keep pre-releases out.
#   reads:
#     - spec.policy.semver
#   since: 0.1.0
package auditor.flux.image_policy_any_version

import data.auditor.lib.text

findings contains {
	"message": sprintf("the range %s has no upper bound", [range]),
	"pointer": "spec.policy.semver.range",
	"details": {"range": range},
} if {
	range := input.resource.spec.policy.semver.range
	text.is_known(range)
	regex.match(`^\s*(\*|[xX](\.[xX])*|>=?\s*v?[0-9][0-9A-Za-z.+-]*)\s*$`, range)
}
