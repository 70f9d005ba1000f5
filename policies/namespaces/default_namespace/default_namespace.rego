# METADATA
# title: "A resource is put into the namespace `default`"
# description: >-
#   What shares `default` shares its quotas, policies and service account. Only an explicit
#   `namespace: default` counts: without a namespace, whoever renders or applies the file decides.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
# custom:
#   id: AUD-NS-0002
#   severity: low
#   kinds:
#     - workload
#     - Service
#     - ConfigMap
#     - Secret
#     - networking.k8s.io/Ingress
#   remediation: >-
#     Give the application a namespace of its own.
#   reads:
#     - metadata.namespace
#   since: 0.1.0
package auditor.namespaces.default_namespace

findings contains {
	"message": "the resource is put into the namespace default",
	"pointer": "metadata.namespace",
	"details": {},
} if {
	input.resource.metadata.namespace == "default"
}
