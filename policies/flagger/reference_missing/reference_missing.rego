# METADATA
# title: "A canary names something that does not exist"
# description: >-
#   The metric template or alert provider is not declared in this environment although others are, or
#   the workload, Service, autoscaler or Ingress is not in a namespace that declares others of its kind
#   itself. The canary fails to start, or measures and reports less than it says.
# related_resources:
#   - ref: https://docs.flagger.app/usage/how-it-works#canary-resource
# custom:
#   id: AUD-FLAG-0007
#   severity: medium
#   scope: environment
#   about:
#     - flagger.app/Canary
#   kinds:
#     - flagger.app/Canary
#     - flagger.app/MetricTemplate
#     - flagger.app/AlertProvider
#     - apps/Deployment
#     - apps/DaemonSet
#     - Service
#     - autoscaling/HorizontalPodAutoscaler
#     - keda.sh/ScaledObject
#     - networking.k8s.io/Ingress
#     - helm.fluxcd.io/HelmRelease
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - argoproj.io/Application
#   remediation: >-
#     Correct the reference, or declare what is missing.
#   reads:
#     - spec.targetRef
#     - spec.autoscalerRef
#     - spec.ingressRef
#     - spec.analysis
#     - spec.canaryAnalysis
#     - spec.targetNamespace
#     - spec.destination
#   since: 0.1.0
package auditor.flagger.reference_missing

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("there is no %s %s in the namespace", [target.kind, target.name]),
	"pointer": sprintf("spec.%s", [field]),
	"details": {"name": target.name},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind == "Canary"
	some field in ["targetRef", "autoscalerRef", "ingressRef"]
	target := manifest.spec[field]
	target.kind in {"Deployment", "DaemonSet", "Service", "HorizontalPodAutoscaler", "ScaledObject", "Ingress"}
	namespace := set.namespace(manifest)
	not namespace in set.filled_from_elsewhere
	is_missing(target.kind, namespace, target.name)
}

findings contains {
	"message": sprintf("there is no %s %s", [kind, reference.name]),
	"pointer": sprintf("spec.%s.%s%s.%s", [field, list, text.entry_key(number, entry), name]),
	"details": {"name": reference.name},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind == "Canary"
	some field in ["analysis", "canaryAnalysis"]
	some list, name in {"metrics": "templateRef", "alerts": "providerRef"}
	kind := kinds[list]
	some number, entry in manifest.spec[field][list]
	reference := entry[name]
	namespace := text.plain(object.get(reference, "namespace", set.namespace(manifest)))
	is_missing(kind, namespace, reference.name)
}

kinds := {"metrics": "MetricTemplate", "alerts": "AlertProvider"}

# Not among those of its kind in the namespace, of which there are some.
is_missing(kind, namespace, name) if {
	text.is_known(name)
	place := sprintf("%s %s", [kind, namespace])
	known := declared[place]
	not name in known
	not named_later[place]
}

declared[place] contains name if {
	some manifest in input.set
	place := sprintf("%s %s", [manifest.kind, set.namespace(manifest)])
	name := set.name(manifest)
}

named_later[place] if {
	some manifest in input.set
	text.is_placeholder(manifest.metadata.name)
	place := sprintf("%s %s", [manifest.kind, set.namespace(manifest)])
}
