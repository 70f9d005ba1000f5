# METADATA
# title: "An Ingress names a Service that is not declared"
# description: >-
#   It answers 503 until somebody declares the Service. Judged only where the namespace's Services
#   are declared here: at least one is, and no chart or application from elsewhere puts more into
#   it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/ingress/
# custom:
#   id: AUD-NET-0014
#   severity: medium
#   scope: environment
#   about:
#     - networking.k8s.io/Ingress
#   kinds:
#     - networking.k8s.io/Ingress
#     - Service
#     - helm.fluxcd.io/HelmRelease
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - argoproj.io/Application
#   remediation: >-
#     Correct the name of the backend.
#   reads:
#     - spec.destination.namespace
#     - spec.rules
#     - spec.targetNamespace
#   since: 0.1.0
package auditor.network.backend_missing

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("the Service %s is not declared in %s", [wanted, namespace]),
	"pointer": sprintf("spec.rules[%d].http.paths[%d].backend.service.name", [number, position]),
	"details": {"service": wanted},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind == "Ingress"
	namespace := set.namespace(manifest)
	names := services[namespace]
	not namespace in set.filled_from_elsewhere
	some number, entry in manifest.spec.rules
	some position, path in entry.http.paths
	wanted := path.backend.service.name
	text.is_known(wanted)
	not wanted in names
}

services := set.names_of("Service")
