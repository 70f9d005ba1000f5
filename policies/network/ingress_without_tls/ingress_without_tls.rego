# METADATA
# title: "An Ingress has no TLS"
# description: >-
#   What passes it, sign-ins included, is readable and changeable on the way.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
# custom:
#   id: AUD-NET-0002
#   severity: medium
#   kinds:
#     - networking.k8s.io/Ingress
#     - extensions/Ingress
#   remediation: >-
#     Add `spec.tls` with a certificate, for instance from cert-manager.
#   reads:
#     - spec.tls
#   since: 0.1.0
package auditor.network.ingress_without_tls

findings contains {
	"message": "the Ingress has no TLS section",
	"pointer": "spec.tls",
	"details": {},
} if {
	is_object(input.resource.spec)
	not has_tls
}

has_tls if count(input.resource.spec.tls) > 0
