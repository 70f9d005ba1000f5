# METADATA
# title: "A kustomization uses a deprecated field"
# description: >-
#   The field is deprecated and goes away with the next version of the kustomization's API; `vars` and
#   `commonLabels` also change more than they say (selectors, which are immutable).
# related_resources:
#   - ref: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
# custom:
#   id: AUD-KUST-0005
#   severity: low
#   kinds:
#     - kustomize.config.k8s.io/Kustomization
#     - kustomize.config.k8s.io/Component
#   remediation: >-
#     Run `kustomize edit fix`; use resources, patches, labels, replacements and images instead.
#   reads:
#     - bases
#     - commonLabels
#     - imageTags
#     - patchesJson6902
#     - patchesStrategicMerge
#     - vars
#   since: 0.1.0
package auditor.kustomize.deprecated_field

findings contains {
	"message": sprintf("%s is deprecated, use %s", [field, instead]),
	"pointer": field,
	"details": {"instead": instead},
} if {
	some field in ["bases", "commonLabels", "imageTags", "patchesJson6902", "patchesStrategicMerge", "vars"]
	instead := replaced_by[field]
	some entry in input.resource[field]
	entry != null
}

replaced_by := {
	"bases": "resources",
	"commonLabels": "labels",
	"imageTags": "images",
	"patchesJson6902": "patches",
	"patchesStrategicMerge": "patches",
	"vars": "replacements",
}
