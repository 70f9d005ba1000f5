# METADATA
# title: "A remote base or chart is fetched without TLS"
# description: >-
#   Plain http or the git protocol lets whoever sits on the way decide what the cluster runs.
# related_resources:
#   - ref: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/
# custom:
#   id: AUD-KUST-0006
#   severity: high
#   kinds:
#     - kustomize.config.k8s.io/Kustomization
#     - kustomize.config.k8s.io/Component
#   remediation: >-
#     Use https or ssh, or copy the base into the repository.
#   reads:
#     - bases
#     - components
#     - crds
#     - resources
#     - helmCharts
#   since: 0.1.0
package auditor.kustomize.remote_base_insecure

import data.auditor.lib.text

findings contains {
	"message": sprintf("%s is fetched without TLS", [entry]),
	"pointer": sprintf("%s[%d]", [field, index]),
	"details": {"url": entry},
} if {
	some field in ["resources", "bases", "components", "crds"]
	some index, entry in input.resource[field]
	is_insecure(entry)
}

findings contains {
	"message": sprintf("the chart is fetched without TLS from %s", [chart.repo]),
	"pointer": sprintf("helmCharts%s.repo", [text.entry_key(index, chart)]),
	"details": {"url": chart.repo},
} if {
	some index, chart in input.resource.helmCharts
	is_insecure(chart.repo)
}

is_insecure(url) if {
	some scheme in ["http://", "git://", "git::http://", "git::git://"]
	startswith(url, scheme)
}
