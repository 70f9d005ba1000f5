# METADATA
# title: "An application is fetched without TLS"
# description: >-
#   Plain http or the git protocol lets whoever sits on the way decide what the cluster runs. Hosts
#   within the cluster are left out.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/
# custom:
#   id: AUD-ARGO-0014
#   severity: high
#   kinds:
#     - argoproj.io/Application
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Use https, ssh or an OCI registry with TLS.
#   reads:
#     - kind
#     - spec.source.repoURL
#     - spec.sources[].repoURL
#     - spec.template.spec.source.repoURL
#     - spec.template.spec.sources[].repoURL
#   since: 0.1.0
package auditor.argo_cd.insecure_source

import data.auditor.lib.argo
import data.auditor.lib.host

findings contains {
	"message": sprintf("the source is fetched without TLS from %s", [source.value.repoURL]),
	"pointer": sprintf("%s.repoURL", [source.pointer]),
	"details": {"url": source.value.repoURL},
} if {
	some source in argo.sources
	is_insecure(source.value.repoURL)
}

is_insecure(url) if host.is_plain_and_outside(url)

is_insecure(url) if startswith(url, "git://")
