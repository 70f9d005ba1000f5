# METADATA
# title: "An object is declared twice in one environment"
# description: >-
#   Two places in git describe the same object. Whatever is applied last wins; two reconcilers
#   undo each other for ever, and pruning one of them deletes what the other still wants.
#   Namespaces, which many repositories repeat on purpose, are left out; so is what names no
#   namespace, since whoever applies it decides where it goes. Where nobody said which folders are
#   which cluster's (`environments` in auditor.yaml), Flux Kustomizations of different paths and Flux
#   sources of one address are taken for those of several clusters.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
# custom:
#   id: AUD-WORK-0011
#   severity: medium
#   scope: environment
#   within: identity
#   kinds:
#     - workload
#     - ConfigMap
#     - Secret
#     - Service
#     - ServiceAccount
#     - PersistentVolumeClaim
#     - PersistentVolume
#     - ResourceQuota
#     - LimitRange
#     - networking.k8s.io/Ingress
#     - networking.k8s.io/NetworkPolicy
#     - policy/PodDisruptionBudget
#     - autoscaling/HorizontalPodAutoscaler
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/Role
#     - rbac.authorization.k8s.io/RoleBinding
#     - storage.k8s.io/StorageClass
#     - gateway.networking.k8s.io/Gateway
#     - gateway.networking.k8s.io/HTTPRoute
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - argoproj.io/Application
#   remediation: >-
#     Keep one of the two, or change a name.
#   reads:
#     - metadata.name
#     - metadata.namespace
#     - spec.path
#     - spec.url
#   since: 0.1.0
package auditor.workloads.declared_twice

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("%s %s is declared %d times in the environment", [manifest.kind, shown, count(same)]),
	"pointer": "metadata.name",
	"details": {},
	"resource": index,
} if {
	some key in taken_twice
	same := [entry.index | some entry in entries; entry.key == key]
	not are_of_several_clusters(same)
	some index in same
	manifest := input.set[index]
	shown := set.name(manifest)
}

entries := [{"index": index, "key": key} |
	some index in numbers.range(0, count(input.set) - 1)
	manifest := input.set[index]
	set.name(manifest) != ""
	text.is_known(manifest.metadata.name)
	has_place(manifest)
	key := concat("/", [group(manifest.apiVersion), manifest.kind, set.namespace(manifest), set.name(manifest)])
]

are_of_several_clusters(same) if {
	input.context.environment == "default"
	paths := {manifest.spec.path |
		some index in same
		manifest := input.set[index]
		startswith(manifest.apiVersion, "kustomize.toolkit.fluxcd.io/")
	}
	count(paths) > 1
}

are_of_several_clusters(same) if {
	input.context.environment == "default"
	addresses := [manifest.spec.url |
		some index in same
		manifest := input.set[index]
		startswith(manifest.apiVersion, "source.toolkit.fluxcd.io/")
	]
	count(addresses) == count(same)
	distinct := {address | some address in addresses}
	count(distinct) == 1
}

# Equal keys stand beside each other.
taken_twice := {key |
	keys := sort([entry.key | some entry in entries])
	some number in numbers.range(1, count(keys) - 1)
	key := keys[number]
	key == keys[number - 1]
}

has_place(manifest) if set.namespace(manifest) != ""

has_place(manifest) if manifest.kind in {"ClusterRole", "ClusterRoleBinding", "PersistentVolume", "StorageClass"}

# The version is no part of what an object is.
group(api_version) := parts[0] if {
	contains(api_version, "/")
	parts := split(api_version, "/")
}

group(api_version) := "" if not contains(api_version, "/")
