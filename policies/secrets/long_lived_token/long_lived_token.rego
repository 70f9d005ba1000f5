# METADATA
# title: "A Secret asks for a token that never expires"
# description: >-
#   A Secret of type kubernetes.io/service-account-token holds a token of the account without an
#   end, readable by everyone who reads Secrets in the namespace. Tokens made by TokenRequest, as
#   pods get them, end by themselves.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets
# custom:
#   id: AUD-SEC-0005
#   severity: medium
#   kinds:
#     - Secret
#   remediation: >-
#     Let pods use their projected token; outside the cluster use `kubectl create token`, or OIDC.
#   reads:
#     - 'metadata.annotations["kubernetes.io/service-account.name"]'
#     - type
#   since: 0.1.0
package auditor.secrets.long_lived_token

import data.auditor.lib.text

findings contains {
	"message": sprintf("the Secret holds a token of the service account %s that never expires", [account]),
	"pointer": "type",
	"details": {"account": account},
} if {
	input.resource.type == "kubernetes.io/service-account-token"
	account := text.plain(object.get(input.resource, ["metadata", "annotations", "kubernetes.io/service-account.name"], "(not named)"))
}
