# METADATA
# title: "A ReplicaSet is declared by itself"
# description: >-
#   Changing its pod template changes no running pod: what git says and what runs differ until
#   somebody deletes pods. There is no rollout and no way back.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#alternatives-to-replicaset
# custom:
#   id: AUD-WORK-0002
#   severity: low
#   kinds:
#     - apps/ReplicaSet
#     - ReplicationController
#   remediation: >-
#     Declare a Deployment.
#   reads:
#     - kind
#     - metadata.ownerReferences
#   since: 0.1.0
package auditor.workloads.bare_replica_set

findings contains {
	"message": sprintf("a %s by itself is never rolled out", [input.resource.kind]),
	"pointer": "kind",
	"details": {},
} if {
	input.resource.kind in {"ReplicaSet", "ReplicationController"}
	count(object.get(input.resource, ["metadata", "ownerReferences"], [])) == 0
}
