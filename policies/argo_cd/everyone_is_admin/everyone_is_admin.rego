# METADATA
# title: "Argo CD gives its administrator's role to everyone"
# description: >-
#   "`policy.default: role:admin` makes everybody who can sign in an administrator, of Argo CD and so
#   of every cluster it deploys to; with anonymous access not even a sign-in is needed."
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/operator-manual/rbac/
# custom:
#   id: AUD-ARGO-0017
#   severity: critical
#   kinds:
#     - ConfigMap
#   remediation: >-
#     Set `policy.default` to '' or `role:readonly`, and give the role to a group.
#   reads:
#     - metadata.name
#     - data
#   since: 0.1.0
#   contains: "argocd-rbac-cm"
package auditor.argo_cd.everyone_is_admin

findings contains {
	"message": "everybody who signs in has the role admin",
	"pointer": `data["policy.default"]`,
	"details": {},
} if {
	input.resource.metadata.name == "argocd-rbac-cm"
	input.resource.data["policy.default"] == "role:admin"
}
