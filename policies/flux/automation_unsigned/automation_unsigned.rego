# METADATA
# title: "Image automation commits without a signature"
# description: >-
#   Commits of the automation cannot be told from those of somebody who writes under its name.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/image/imageupdateautomations/#signing-key
# custom:
#   id: AUD-FLUX-0016
#   severity: low
#   kinds:
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#   remediation: >-
#     Give it a signing key (`spec.git.commit.signingKey`) and register the key.
#   reads:
#     - spec.git.commit
#   since: 0.1.0
package auditor.flux.automation_unsigned

findings contains {
	"message": "the automation's commits are not signed",
	"pointer": "spec.git.commit.signingKey",
	"details": {},
} if {
	is_object(input.resource.spec.git.commit)
	object.get(input.resource.spec.git.commit, ["signingKey", "secretRef", "name"], "") == ""
}
