# METADATA
# title: "Flux applies with the controller's own rights"
# description: >-
#   Without `serviceAccountName` the controller's rights are used, by default cluster-admin:
#   whoever can change the path can change everything. Where the environment shows that the
#   controllers run with --default-service-account (a patch of the controllers, or a FluxInstance
#   that is multitenant), that account is used and nothing is judged; where they do and git does
#   not show it, waive this rule. Flux's own Kustomization (flux-system) is left out.
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
# custom:
#   id: AUD-FLUX-0005
#   severity: low
#   scope: environment
#   about:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - kustomize.config.k8s.io/Kustomization
#     - fluxcd.controlplane.io/FluxInstance
#   remediation: >-
#     Name a service account with the rights that these manifests need.
#   reads:
#     - patches
#     - spec.cluster.multitenant
#     - spec.kubeConfig
#     - spec.kustomize.patches
#     - spec.serviceAccountName
#     - spec.values.instance.cluster.multitenant
#     - spec.values.instance.kustomize.patches
#   shared:
#     - patches
#     - spec.kustomize.patches
#     - spec.values.instance.kustomize.patches
#     - spec.cluster.multitenant
#     - spec.values.instance.cluster.multitenant
#   since: 0.1.0
package auditor.flux.no_service_account

import data.auditor.lib.set

findings contains {
	"message": "no service account is named, so the controller's own rights are used",
	"pointer": "spec.serviceAccountName",
	"details": {},
	"resource": index,
} if {
	not has_default_account
	some index, manifest in input.set
	is_flux(manifest)
	is_object(manifest.spec)
	set.name(manifest) != "flux-system"
	object.get(manifest.spec, "serviceAccountName", "") == ""
	not is_remote(manifest)
}

is_flux(manifest) if manifest.kind == "HelmRelease"

# Kustomize's own Kustomization has the same name.
is_flux(manifest) if startswith(manifest.apiVersion, "kustomize.toolkit.fluxcd.io/")

# On a remote cluster the kubeconfig's user decides.
is_remote(manifest) if is_object(manifest.spec.kubeConfig)

# Both controllers are patched together wherever this is written down.
has_default_account if {
	some manifest in input.set
	some path in where_controllers_are_patched
	some entry in object.get(manifest, path, [])
	contains(entry.patch, "--default-service-account=")
}

has_default_account if {
	some manifest in input.set
	some path in where_tenants_are_announced
	object.get(manifest, path, false) == true
}

where_controllers_are_patched := [
	["patches"],
	["spec", "kustomize", "patches"],
	["spec", "values", "instance", "kustomize", "patches"],
]

where_tenants_are_announced := [
	["spec", "cluster", "multitenant"],
	["spec", "values", "instance", "cluster", "multitenant"],
]
