# METADATA
# title: "An Ingress has no TLS"
# description: >-
#   What passes it, sign-ins included, is readable and changeable on the way. A host counts as
#   covered when a TLS entry names it, names its domain with a wildcard, or names no host at all.
#   Controllers that take certificates by annotation (AWS, Google Cloud, Traefik) or by class
#   (Tailscale) are believed.
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
#     - metadata.annotations
#     - spec.ingressClassName
#     - spec.rules[].host
#     - spec.tls
#   since: 0.1.0
package auditor.network.ingress_without_tls

import data.auditor.lib.text

findings contains {
	"message": "the Ingress has no TLS section",
	"pointer": "spec.tls",
	"details": {},
} if {
	is_object(input.resource.spec)
	not has_tls
	not terminated_elsewhere
}

findings contains {
	"message": sprintf("no TLS entry covers the host %s", [host]),
	"pointer": sprintf("spec.rules[%d].host", [index]),
	"details": {"host": host},
} if {
	has_tls
	some index, entry in input.resource.spec.rules
	host := entry.host
	text.is_known(host)
	host != ""
	not covered(host)
	not terminated_elsewhere
}

has_tls if count(input.resource.spec.tls) > 0

covered(_) if {
	some entry in input.resource.spec.tls
	count(object.get(entry, "hosts", [])) == 0
}

covered(host) if {
	some entry in input.resource.spec.tls
	some name in entry.hosts
	name_covers(name, host)
}

name_covers(name, host) if lower(name) == lower(host)

# One label for the star, as in certificates.
name_covers(name, host) if {
	startswith(name, "*.")
	labels := split(lower(host), ".")
	lower(trim_prefix(name, "*.")) == concat(".", array.slice(labels, 1, count(labels)))
}

# A host that a variable fills in may be the one.
name_covers(name, _) if text.is_placeholder(name)

terminated_elsewhere if {
	some name in [
		"alb.ingress.kubernetes.io/certificate-arn",
		"ingress.gcp.kubernetes.io/pre-shared-cert",
		"networking.gke.io/managed-certificates",
	]
	input.resource.metadata.annotations[name] != ""
}

terminated_elsewhere if input.resource.metadata.annotations["traefik.ingress.kubernetes.io/router.tls"] == "true"

terminated_elsewhere if input.resource.spec.ingressClassName == "tailscale"
