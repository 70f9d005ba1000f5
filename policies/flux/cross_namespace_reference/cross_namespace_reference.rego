# METADATA
# title: "Flux takes from a source in another namespace"
# description: >-
#   A tenant that may name sources of other namespaces deploys what is not its own; Flux's multi-
#   tenancy guide switches this off (--no-cross-namespace-refs), and then the object does not work.
#   The namespaces of the parameter `shared` (flux-system) are left out.
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
# custom:
#   id: AUD-FLUX-0014
#   severity: low
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - image.toolkit.fluxcd.io/ImagePolicy
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#   remediation: >-
#     Declare the source in the namespace that uses it, or add its namespace to the parameter
#     `shared`.
#   reads:
#     - metadata.namespace
#     - spec.sourceRef
#     - spec.chartRef
#     - spec.chart.spec.sourceRef
#     - spec.imageRepositoryRef
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       shared:
#         type: array
#         items: {type: string}
#         default: [flux-system]
#         description: Namespaces whose sources are everybody's.
package auditor.flux.cross_namespace_reference

findings contains {
	"message": sprintf("%s of the namespace %s is taken from %s", [reference.name, reference.namespace, own]),
	"pointer": sprintf("%s.namespace", [place]),
	"details": {"namespace": reference.namespace},
} if {
	some place, path in places
	reference := object.get(input.resource, path, null)
	own := input.resource.metadata.namespace
	is_string(reference.namespace)
	reference.namespace != ""
	reference.namespace != own
	not is_shared(reference.namespace)
	is_string(reference.name)
}

is_shared(namespace) if namespace in input.parameters.shared

is_shared(namespace) if contains(namespace, "${")

places := {
	"spec.sourceRef": ["spec", "sourceRef"],
	"spec.chartRef": ["spec", "chartRef"],
	"spec.chart.spec.sourceRef": ["spec", "chart", "spec", "sourceRef"],
	"spec.imageRepositoryRef": ["spec", "imageRepositoryRef"],
}
