# METADATA
# title: "A provider does not verify whom it talks to"
# description: >-
#   Certificates are not verified, so whoever sits on the way gets the credentials and decides what is
#   applied.
# related_resources:
#   - ref: https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs#insecure
# custom:
#   id: AUD-TF-0017
#   severity: high
#   kinds:
#     - terraform/provider
#   remediation: >-
#     Give the provider the certificate authority instead.
#   reads:
#     - body
#   since: 0.1.0
package auditor.terraform.provider_insecure

findings contains {
	"message": sprintf("%s is true", [field]),
	"pointer": sprintf("body.%s", [field]),
	"details": {"field": field},
} if {
	is_object(input.resource.body)
	some field in ["insecure", "insecure_skip_verify", "skip_tls_verify", "tls_insecure", "allow_unverified_ssl", "insecure_skip_tls_verify"]
	object.get(input.resource.body, field, false) == true
}
