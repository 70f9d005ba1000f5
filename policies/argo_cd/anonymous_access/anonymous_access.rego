# METADATA
# title: "Argo CD needs no sign-in"
# description: >-
#   With anonymous access everybody who reaches it has the default role, which reads at least the
#   manifests and logs of what is deployed.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/operator-manual/security/#authentication
# custom:
#   id: AUD-ARGO-0018
#   severity: high
#   kinds:
#     - ConfigMap
#   remediation: >-
#     Remove `users.anonymous.enabled`, or set it to "false".
#   reads:
#     - metadata.name
#     - data
#   since: 0.1.0
#   contains: "argocd-cm"
package auditor.argo_cd.anonymous_access

findings contains {
	"message": "anonymous access is switched on",
	"pointer": `data["users.anonymous.enabled"]`,
	"details": {},
} if {
	input.resource.metadata.name == "argocd-cm"
	input.resource.data["users.anonymous.enabled"] == "true"
}
