# METADATA
# title: "A declared volume is deleted with its claim"
# description: >-
#   A volume written by hand exists already and holds data; with `Delete` its storage goes as soon
#   as the claim is deleted, which pruning may do. `Recycle` empties it and is no longer
#   supported. The default for volumes written by hand is Retain.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
# custom:
#   id: AUD-STATE-0005
#   severity: low
#   kinds:
#     - PersistentVolume
#   remediation: >-
#     Set `persistentVolumeReclaimPolicy: Retain`.
#   reads:
#     - spec.persistentVolumeReclaimPolicy
#   since: 0.1.0
package auditor.stateful.reclaim_deletes

findings contains {
	"message": sprintf("the data goes with the claim: persistentVolumeReclaimPolicy is %s", [policy]),
	"pointer": "spec.persistentVolumeReclaimPolicy",
	"details": {"policy": policy},
} if {
	policy := input.resource.spec.persistentVolumeReclaimPolicy
	policy in {"Delete", "Recycle"}
}
