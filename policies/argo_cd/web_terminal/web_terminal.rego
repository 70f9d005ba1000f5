# METADATA
# title: "Argo CD opens shells in pods"
# description: >-
#   The web terminal gives those with the right `exec` a shell in the pods of their applications, past
#   the cluster's own RBAC and with no change in git.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/operator-manual/web_based_terminal/
# custom:
#   id: AUD-ARGO-0019
#   severity: medium
#   kinds:
#     - ConfigMap
#   remediation: >-
#     Remove `exec.enabled`.
#   reads:
#     - metadata.name
#     - data
#   since: 0.1.0
#   contains: "argocd-cm"
package auditor.argo_cd.web_terminal

findings contains {
	"message": "the web terminal is switched on",
	"pointer": `data["exec.enabled"]`,
	"details": {},
} if {
	input.resource.metadata.name == "argocd-cm"
	input.resource.data["exec.enabled"] == "true"
}
