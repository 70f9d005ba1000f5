# METADATA
# title: "A manifest uses a deprecated Flux API version"
# description: >-
#   Flux removes beta versions some releases after the stable one exists. After that upgrade the
#   object is not reconciled any more. What is deprecated is judged by what is known today: in a
#   history an object has the finding from its landing on, also where its version was deprecated
#   later.
# related_resources:
#   - ref: https://fluxcd.io/flux/releases/
# custom:
#   id: AUD-API-0002
#   severity: medium
#   kinds:
#     - source.toolkit.fluxcd.io/Bucket
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - image.toolkit.fluxcd.io/ImagePolicy
#     - image.toolkit.fluxcd.io/ImageRepository
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#     - notification.toolkit.fluxcd.io/Alert
#     - notification.toolkit.fluxcd.io/Provider
#     - notification.toolkit.fluxcd.io/Receiver
#   remediation: >-
#     Run `flux migrate`, or change `apiVersion` to the stable version.
#   reads:
#     - apiVersion
#   since: 0.1.0
package auditor.api_versions.deprecated_flux_api

deprecated := {
	"source.toolkit.fluxcd.io": {"v1beta1", "v1beta2"},
	"kustomize.toolkit.fluxcd.io": {"v1beta1", "v1beta2"},
	"helm.toolkit.fluxcd.io": {"v2beta1", "v2beta2"},
	"image.toolkit.fluxcd.io": {"v1alpha1", "v1alpha2", "v1beta1", "v1beta2"},
	"notification.toolkit.fluxcd.io": {"v1beta1", "v1beta2"},
}

findings contains {
	"message": sprintf("%s is deprecated", [input.resource.apiVersion]),
	"pointer": "apiVersion",
	"details": {"api_version": input.resource.apiVersion},
} if {
	parts := split(input.resource.apiVersion, "/")
	parts[1] in deprecated[parts[0]]
}
