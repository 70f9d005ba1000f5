# METADATA
# title: "A Flux interval is under ten seconds or over a day"
# description: >-
#   An interval that is too short loads the API server and the source's host; one that is too long
#   leaves drift and a failed apply as they are until somebody looks.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#interval
# custom:
#   id: AUD-FLUX-0011
#   severity: low
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/Bucket
#     - image.toolkit.fluxcd.io/ImageRepository
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#   remediation: >-
#     Set an interval between a minute and an hour; let a Receiver tell Flux of pushes at once.
#   reads:
#     - spec.interval
#   since: 0.1.0
package auditor.flux.interval_extreme

findings contains {
	"message": sprintf("the interval is %s", [input.resource.spec.interval]),
	"pointer": "spec.interval",
	"details": {"interval": input.resource.spec.interval},
} if {
	regex.match(`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`, input.resource.spec.interval)
	nanoseconds := time.parse_duration_ns(input.resource.spec.interval)
	extreme(nanoseconds)
}

extreme(nanoseconds) if nanoseconds < 10000000000

extreme(nanoseconds) if nanoseconds > 86400000000000
