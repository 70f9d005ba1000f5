# METADATA
# title: "A Service takes external IPs"
# description: >-
#   Whoever sets `externalIPs` can take traffic of any address that passes the nodes
#   (CVE-2020-8554).
# related_resources:
#   - ref: https://nvd.nist.gov/vuln/detail/CVE-2020-8554
# custom:
#   id: AUD-NET-0005
#   severity: high
#   kinds:
#     - Service
#   remediation: >-
#     Use a LoadBalancer, and forbid the field by admission.
#   reads:
#     - spec.externalIPs
#   since: 0.1.0
package auditor.network.external_ips

findings contains {
	"message": "the Service takes external IPs",
	"pointer": "spec.externalIPs",
	"details": {"addresses": input.resource.spec.externalIPs},
} if {
	count(input.resource.spec.externalIPs) > 0
}
