# METADATA
# title: "Image automation may change the whole repository"
# description: >-
#   Without `update.path` every file with a marker is changed, production included.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/image/imageupdateautomations/#update
# custom:
#   id: AUD-FLUX-0009
#   severity: low
#   kinds:
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#   remediation: >-
#     Set `update.path` to the folder it is for.
#   reads:
#     - spec.update.path
#   since: 0.1.0
package auditor.flux.automation_unscoped

findings contains {
	"message": "the automation may change every file of the repository",
	"pointer": "spec.update.path",
	"details": {},
} if {
	is_object(input.resource.spec)
	object.get(input.resource.spec, ["update", "path"], "") in {"", ".", "./", "/"}
}
