# METADATA
# title: "Replicas may all run on one node"
# description: >-
#   The workload asks for two or more replicas and neither spreads them
#   (topologySpreadConstraints) nor keeps them apart (podAntiAffinity): one node's failure can
#   take all of them.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
# custom:
#   id: AUD-AVAIL-0001
#   severity: low
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#   remediation: >-
#     Add a topologySpreadConstraint over kubernetes.io/hostname.
#   reads:
#     - spec.replicas
#     - workload.pod.affinity.podAntiAffinity
#     - workload.pod.topologySpreadConstraints
#   since: 0.1.0
package auditor.availability.no_spread

import data.auditor.lib.workload

findings contains {
	"message": sprintf("%d replicas and nothing that spreads them over nodes", [input.resource.spec.replicas]),
	"pointer": "spec.template.spec.topologySpreadConstraints",
	"details": {"replicas": input.resource.spec.replicas},
} if {
	is_number(input.resource.spec.replicas)
	input.resource.spec.replicas >= 2
	is_object(workload.pod)
	not spread
}

spread if count(workload.pod.topologySpreadConstraints) > 0

spread if is_object(workload.pod.affinity.podAntiAffinity)
