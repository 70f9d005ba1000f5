# METADATA
# title: "Flux applies with the controller's own rights"
# description: >-
#   Without `serviceAccountName` the controller's rights are used, by default cluster-admin:
#   whoever can change the path can change everything. Where the controllers run with
#   --default-service-account, waive this rule. Flux's own Kustomization (flux-system) is left
#   out.
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
# custom:
#   id: AUD-FLUX-0005
#   severity: low
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   remediation: >-
#     Name a service account with the rights that these manifests need.
#   reads:
#     - metadata.name
#     - spec.kubeConfig
#     - spec.serviceAccountName
#   since: 0.1.0
package auditor.flux.no_service_account

findings contains {
	"message": "no service account is named, so the controller's own rights are used",
	"pointer": "spec.serviceAccountName",
	"details": {},
} if {
	is_object(input.resource.spec)
	input.resource.metadata.name != "flux-system"
	object.get(input.resource.spec, "serviceAccountName", "") == ""
	not remote
}

# On a remote cluster the kubeconfig's user decides.
remote if is_object(input.resource.spec.kubeConfig)
