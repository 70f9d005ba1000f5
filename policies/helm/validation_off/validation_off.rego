# METADATA
# title: "A Helm release is installed without validation"
# description: >-
#   disableOpenAPIValidation and disableSchemaValidation let manifests and values through that the
#   cluster or the chart would refuse.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/
# custom:
#   id: AUD-HELM-0004
#   severity: low
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#   remediation: >-
#     Remove the field and correct what the validation names.
#   reads:
#     - spec.install.disableOpenAPIValidation
#     - spec.install.disableSchemaValidation
#     - spec.upgrade.disableOpenAPIValidation
#     - spec.upgrade.disableSchemaValidation
#   since: 0.1.0
package auditor.helm.validation_off

findings contains {
	"message": sprintf("%s: %s is true", [action, field]),
	"pointer": sprintf("spec.%s.%s", [action, field]),
	"details": {"field": field},
} if {
	some action in ["install", "upgrade"]
	some field in ["disableOpenAPIValidation", "disableSchemaValidation"]
	input.resource.spec[action][field] == true
}
