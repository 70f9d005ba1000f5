# METADATA
# title: "A Flux receiver takes calls from anyone"
# description: >-
#   Without a secret the payload is not verified and the receiver's path can be computed by anyone,
#   who then makes Flux reconcile as often as they like. The type `generic` never verifies the
#   payload.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/notification/receivers/
# custom:
#   id: AUD-FLUX-0012
#   severity: high
#   kinds:
#     - notification.toolkit.fluxcd.io/Receiver
#   remediation: >-
#     Name a Secret with a random token (`spec.secretRef`), and use `generic-hmac` or the forge's own
#     type.
#   reads:
#     - spec.secretRef
#   since: 0.1.0
package auditor.flux.receiver_without_secret

findings contains {
	"message": "no secret is named, so calls are not verified",
	"pointer": "spec.secretRef",
	"details": {},
} if {
	is_object(input.resource.spec)
	object.get(input.resource.spec, ["secretRef", "name"], "") == ""
}
