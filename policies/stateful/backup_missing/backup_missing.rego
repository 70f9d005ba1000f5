# METADATA
# title: "Storage has no backup annotation"
# description: >-
#   Which annotations say that a volume is backed up (or deliberately not) depends on the tool;
#   the parameter `annotations` names them, and one of them has to be there. While it is empty
#   nothing is judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/
# custom:
#   id: AUD-STATE-0001
#   severity: low
#   kinds:
#     - PersistentVolumeClaim
#     - apps/StatefulSet
#   remediation: >-
#     Add the annotation that your backup tool reads.
#   reads:
#     - kind
#     - metadata
#     - spec.accessModes
#     - spec.volumeClaimTemplates
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       annotations:
#         type: array
#         items:
#           type: string
#         default: []
#         description: Annotations of which one has to be there, such as backup.velero.io/backup-volumes.
package auditor.stateful.backup_missing

import data.auditor.lib.text

findings contains {
	"message": "no annotation says whether the storage is backed up",
	"pointer": sprintf("%s.annotations", [claim.top]),
	"details": {"expected": input.parameters.annotations},
} if {
	count(input.parameters.annotations) > 0
	some claim in claims
	not annotated(claim)
}

annotated(claim) if {
	some name in input.parameters.annotations
	value := claim.metadata.annotations[name]
	value != ""
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
