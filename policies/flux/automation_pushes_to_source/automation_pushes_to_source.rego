# METADATA
# title: "Image automation pushes to the branch that is deployed"
# description: >-
#   New images go to the branch that Flux deploys, without anybody's review: the registry decides
#   what runs. No `push.branch` means the branch that was checked out.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/image/imageupdateautomations/#push
# custom:
#   id: AUD-FLUX-0008
#   severity: medium
#   kinds:
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#   remediation: >-
#     Push to another branch (`git.push.branch`) and merge by pull request.
#   reads:
#     - spec.git
#   since: 0.1.0
package auditor.flux.automation_pushes_to_source

findings contains {
	"message": "images are changed on the deployed branch without review",
	"pointer": "spec.git.push.branch",
	"details": {},
} if {
	is_object(input.resource.spec.git)
	object.get(input.resource.spec.git, ["push", "refspec"], "") == ""
	checked_out := object.get(input.resource.spec.git, ["checkout", "ref", "branch"], "")
	object.get(input.resource.spec.git, ["push", "branch"], "") in {"", checked_out}
}
