# METADATA
# title: "A project may deploy into Argo CD's own namespace"
# description: >-
#   Whoever may deploy into the namespace of Argo CD can make applications in any project, change its
#   settings and read the credentials of every cluster. It is as good as being its administrator.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/projects/
# custom:
#   id: AUD-ARGO-0012
#   severity: high
#   kinds:
#     - argoproj.io/AppProject
#   remediation: >-
#     Name the namespaces that the project needs, or add a destination `!argocd`; keep Argo CD's own
#     applications in a project of their own and waive the rule for it.
#   reads:
#     - metadata.namespace
#     - spec.destinations
#   since: 0.1.0
package auditor.argo_cd.project_reaches_argo_cd

import data.auditor.lib.text

findings contains {
	"message": sprintf("the project may deploy into %s", [own]),
	"pointer": sprintf("spec.destinations%s", [text.entry_key(index, {})]),
	"details": {"namespace": destination.namespace},
} if {
	own := text.plain(object.get(input.resource, ["metadata", "namespace"], "argocd"))
	some index, destination in input.resource.spec.destinations
	destination.namespace in {own, "*"}
	is_in_cluster(destination)
	not is_denied(own)
}

# A wildcard for the cluster too is what the rule on wildcards says.
is_in_cluster(destination) if destination.server == "https://kubernetes.default.svc"

is_in_cluster(destination) if destination.name == "in-cluster"

is_denied(own) if {
	some destination in input.resource.spec.destinations
	destination.namespace == sprintf("!%s", [own])
}
