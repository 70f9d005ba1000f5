# METADATA
# title: "An autoscaler names a workload that is not declared"
# description: >-
#   It scales nothing. Judged only for Deployments and StatefulSets, and where the namespace's are
#   declared here: at least one is, and no chart or application from elsewhere puts more into it.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
# custom:
#   id: AUD-AVAIL-0008
#   severity: medium
#   scope: environment
#   about:
#     - autoscaling/HorizontalPodAutoscaler
#     - keda.sh/ScaledObject
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - autoscaling/HorizontalPodAutoscaler
#     - keda.sh/ScaledObject
#     - helm.fluxcd.io/HelmRelease
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - argoproj.io/Application
#   remediation: >-
#     Correct `scaleTargetRef`.
#   reads:
#     - spec.destination.namespace
#     - spec.scaleTargetRef
#     - spec.targetNamespace
#   since: 0.1.0
package auditor.availability.autoscaler_target_missing

import data.auditor.lib.scaling
import data.auditor.lib.set

findings contains {
	"message": sprintf("%s is not declared in %s", [scaler.target, scaler.namespace]),
	"pointer": "spec.scaleTargetRef.name",
	"details": {"target": scaler.target},
	"resource": scaler.index,
} if {
	some scaler in scaling.autoscalers
	namespace := scaler.namespace
	not namespace in set.filled_from_elsewhere
	parts := split(scaler.target, "/")
	kind := parts[0]
	kind in {"Deployment", "StatefulSet"}
	names := targets[namespace]
	target := scaler.target
	not target in names
}

targets := {place: found |
	some place in object.keys(set.in_namespace)
	found := [sprintf("%s/%s", [workload.kind, workload.name]) | some workload in set.in_namespace[place]]
}
