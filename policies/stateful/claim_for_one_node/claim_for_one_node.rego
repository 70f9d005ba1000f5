# METADATA
# title: "A Deployment cannot roll out with its claim"
# description: >-
#   The claim is for one node (ReadWriteOnce) or one pod (ReadWriteOncePod), and the new pod is
#   made while the old one still holds it: on another node it waits for ever, and so do further
#   replicas. Judged where the claim is declared here.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy
# custom:
#   id: AUD-STATE-0007
#   severity: medium
#   scope: environment
#   about:
#     - apps/Deployment
#   kinds:
#     - apps/Deployment
#     - PersistentVolumeClaim
#   remediation: >-
#     Set `strategy.type: Recreate` and one replica, or use a StatefulSet with
#     `volumeClaimTemplates`.
#   reads:
#     - spec.accessModes
#     - spec.replicas
#     - spec.strategy
#     - workload.pod.volumes
#   since: 0.1.0
package auditor.stateful.claim_for_one_node

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("the claim %s is for one node: %s", [claim, reason]),
	"pointer": sprintf("spec.template.spec.volumes%s", [text.entry_key(number, volume)]),
	"details": {"claim": claim},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind == "Deployment"
	reason := why(manifest.spec)
	some number, volume in manifest.spec.template.spec.volumes
	claim := volume.persistentVolumeClaim.claimName
	object.get(volume.persistentVolumeClaim, "readOnly", false) == false
	key := sprintf("%s/%s", [set.namespace(manifest), claim])
	key in for_one
}

why(spec) := text.plain("several replicas write it") if spec.replicas > 1

why(spec) := text.plain("the rollout makes the new pod before the old one is gone") if {
	object.get(spec, "replicas", 1) == 1
	object.get(spec, ["strategy", "type"], "RollingUpdate") == "RollingUpdate"
	object.get(spec, ["strategy", "rollingUpdate", "maxSurge"], 1) != 0
}

for_one contains key if {
	some claim in input.set
	claim.kind == "PersistentVolumeClaim"
	count(claim.spec.accessModes) > 0
	count({mode | some mode in claim.spec.accessModes; mode in {"ReadWriteMany", "ReadOnlyMany"}}) == 0
	key := sprintf("%s/%s", [set.namespace(claim), set.name(claim)])
}
