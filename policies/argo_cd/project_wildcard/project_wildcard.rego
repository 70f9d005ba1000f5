# METADATA
# title: "An Argo CD project allows everything"
# description: >-
#   Every repository, every destination, or every cluster-scoped kind is allowed: whoever may
#   create an application in the project has the cluster.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/projects/
# custom:
#   id: AUD-ARGO-0003
#   severity: high
#   kinds:
#     - argoproj.io/AppProject
#   remediation: >-
#     List repositories, namespaces and kinds.
#   reads:
#     - spec.clusterResourceWhitelist
#     - spec.destinations
#     - spec.sourceRepos
#   since: 0.1.0
package auditor.argo_cd.project_wildcard

findings contains {
	"message": "every repository is allowed",
	"pointer": sprintf("spec.sourceRepos[%d]", [index]),
	"details": {},
} if {
	some index, repository in input.resource.spec.sourceRepos
	repository == "*"
}

findings contains {
	"message": "every namespace of every cluster is allowed",
	"pointer": sprintf("spec.destinations[%d]", [index]),
	"details": {},
} if {
	some index, destination in input.resource.spec.destinations
	destination.namespace == "*"
	some field in ["server", "name"]
	destination[field] == "*"
}

findings contains {
	"message": "every cluster-scoped kind is allowed",
	"pointer": sprintf("spec.clusterResourceWhitelist[%d]", [index]),
	"details": {},
} if {
	some index, entry in input.resource.spec.clusterResourceWhitelist
	entry.group == "*"
	entry.kind == "*"
}
