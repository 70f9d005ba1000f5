# METADATA
# title: "Flux sends notifications without TLS"
# description: >-
#   Events, and the token that goes with them, pass the network in the open. Addresses within the
#   cluster are left out.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/notification/providers/#address
# custom:
#   id: AUD-FLUX-0013
#   severity: medium
#   kinds:
#     - notification.toolkit.fluxcd.io/Provider
#   remediation: >-
#     Use an https address, in a Secret (`secretRef`) where it holds a token.
#   reads:
#     - spec.address
#   since: 0.1.0
package auditor.flux.provider_insecure_address

import data.auditor.lib.host

findings contains {
	"message": sprintf("notifications go to %s without TLS", [input.resource.spec.address]),
	"pointer": "spec.address",
	"details": {"address": input.resource.spec.address},
} if {
	host.is_plain_and_outside(input.resource.spec.address)
}
