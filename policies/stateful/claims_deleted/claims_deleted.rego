# METADATA
# title: "A StatefulSet deletes its claims"
# description: >-
#   With `persistentVolumeClaimRetentionPolicy` Delete the data of a replica goes when the set is
#   scaled down, or all of it when the set is deleted: a change of one number in git, or pruning,
#   is enough.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
# custom:
#   id: AUD-STATE-0006
#   severity: medium
#   kinds:
#     - apps/StatefulSet
#   remediation: >-
#     Leave the policy at Retain, and delete claims by hand.
#   reads:
#     - spec.persistentVolumeClaimRetentionPolicy
#   since: 0.1.0
package auditor.stateful.claims_deleted

findings contains {
	"message": sprintf("the claims are deleted: %s", [field]),
	"pointer": sprintf("spec.persistentVolumeClaimRetentionPolicy.%s", [field]),
	"details": {"field": field},
} if {
	some field in ["whenDeleted", "whenScaled"]
	input.resource.spec.persistentVolumeClaimRetentionPolicy[field] == "Delete"
}
