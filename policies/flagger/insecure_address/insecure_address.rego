# METADATA
# title: "Flagger measures or reports without TLS"
# description: >-
#   Whoever sits on the way of the metrics decides whether a version is promoted; whoever sits on the
#   way of alerts reads and drops them. Addresses within the cluster are left out.
# related_resources:
#   - ref: https://docs.flagger.app/usage/metrics
#   - ref: https://docs.flagger.app/usage/alerting
# custom:
#   id: AUD-FLAG-0006
#   severity: medium
#   kinds:
#     - flagger.app/MetricTemplate
#     - flagger.app/AlertProvider
#   remediation: >-
#     Use an https address and verify its certificate; put the address of a webhook with a token into
#     a Secret (`secretRef`).
#   reads:
#     - spec.address
#     - spec.provider.address
#     - spec.provider.insecureSkipVerify
#   since: 0.1.0
package auditor.flagger.insecure_address

import data.auditor.lib.host

findings contains {
	"message": sprintf("%s is reached without TLS", [address]),
	"pointer": concat(".", path),
	"details": {"address": address},
} if {
	some path in [["spec", "address"], ["spec", "provider", "address"]]
	address := object.get(input.resource, path, null)
	host.is_plain_and_outside(address)
}

findings contains {
	"message": "the provider's certificate is not verified",
	"pointer": "spec.provider.insecureSkipVerify",
	"details": {},
} if {
	input.resource.spec.provider.insecureSkipVerify == true
}
