# METADATA
# title: "Storage may be written by several pods at once"
# description: >-
#   ReadWriteMany lets every pod write the same files; few programs are made for that, and file
#   locks over the network are weak. It also ties the claim to storage that is a single share.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
# custom:
#   id: AUD-STATE-0002
#   severity: low
#   kinds:
#     - PersistentVolumeClaim
#     - apps/StatefulSet
#   remediation: >-
#     Use ReadWriteOncePod or ReadWriteOnce where one pod writes; keep ReadWriteMany for programs
#     that say they support it.
#   reads:
#     - kind
#     - metadata
#     - spec.accessModes
#     - spec.volumeClaimTemplates
#   since: 0.1.0
package auditor.stateful.shared_access

import data.auditor.lib.text

findings contains {
	"message": "the claim is ReadWriteMany",
	"pointer": sprintf("%s.accessModes", [claim.pointer]),
	"details": {},
} if {
	some claim in claims
	"ReadWriteMany" in claim.spec.accessModes
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
