# METADATA
# title: "A claim names no storage class"
# description: >-
#   Which storage it gets is the cluster's default: another one in the next cluster, none where
#   there is no default, and whatever the default is on the day it is made. A claim that names its
#   volume is left out; an empty class says none on purpose.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass
# custom:
#   id: AUD-STATE-0004
#   severity: low
#   kinds:
#     - PersistentVolumeClaim
#     - apps/StatefulSet
#   remediation: >-
#     Name the class.
#   reads:
#     - kind
#     - metadata
#     - spec.storageClassName
#     - spec.volumeClaimTemplates
#     - spec.volumeName
#   since: 0.1.0
package auditor.stateful.storage_class_missing

import data.auditor.lib.text

findings contains {
	"message": "the claim takes the cluster's default storage class",
	"pointer": sprintf("%s.storageClassName", [claim.pointer]),
	"details": {},
} if {
	some claim in claims
	object.get(claim.spec, "storageClassName", null) == null
	object.get(claim.spec, "volumeName", "") == ""
	object.get(claim.metadata, ["annotations", "volume.beta.kubernetes.io/storage-class"], "") == ""
}

claims contains {"spec": input.resource.spec, "metadata": object.get(input.resource, "metadata", {}), "pointer": text.plain("spec"), "top": text.plain("metadata")} if {
	input.resource.kind == "PersistentVolumeClaim"
	is_object(input.resource.spec)
}

claims contains {"spec": claim.spec, "metadata": object.get(claim, "metadata", {}), "pointer": sprintf("spec.volumeClaimTemplates[%d].spec", [index]), "top": sprintf("spec.volumeClaimTemplates[%d].metadata", [index])} if {
	input.resource.kind == "StatefulSet"
	some index, claim in input.resource.spec.volumeClaimTemplates
	is_object(claim.spec)
}
