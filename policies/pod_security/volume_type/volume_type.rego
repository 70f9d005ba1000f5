# METADATA
# title: "A pod uses a volume type outside the restricted list"
# description: >-
#   The restricted standard allows configMap, csi, downwardAPI, emptyDir, ephemeral, image,
#   persistentVolumeClaim, projected and secret. Others tie the pod to storage that it names itself
#   (nfs, iscsi, flexVolume …), past what administrators hand out. hostPath has a rule of its own.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   id: AUD-POD-0018
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Declare a PersistentVolume and use it through a PersistentVolumeClaim.
#   reads:
#     - workload.pod.volumes
#   since: 0.1.0
package auditor.pod_security.volume_type

import data.auditor.lib.text
import data.auditor.lib.workload

allowed := {
	"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image",
	"persistentVolumeClaim", "projected", "secret",
}

findings contains {
	"message": sprintf("volume %s is of type %s", [volume.name, type]),
	"pointer": sprintf("%s%s", [volume.pointer, text.field_key(type)]),
	"details": {"volume": volume.name, "type": type},
} if {
	some volume in workload.volumes
	some type, source in volume.value
	is_object(source)
	type != "hostPath"
	not type in allowed
}
