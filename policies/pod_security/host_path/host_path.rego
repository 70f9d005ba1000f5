# METADATA
# title: "A pod mounts a path of the host"
# description: >-
#   A hostPath volume reads or writes the node's file system; with a writable one, or the
#   container runtime's socket, the pod owns the node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0003
#   severity: high
#   kinds:
#     - workload
#   remediation: >-
#     Use a PersistentVolumeClaim, a ConfigMap or a CSI driver; agents that must read the node get
#     a waiver with a date.
#   reads:
#     - workload.pod.volumes
#   since: 0.1.0
package auditor.pod_security.host_path

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("volume %s mounts %s of the host", [volume.name, path]),
	"pointer": sprintf("%s.hostPath", [volume.pointer]),
	"details": {"volume": volume.name, "path": path},
} if {
	some volume in workload.volumes
	is_object(volume.value.hostPath)
	path := text.plain(object.get(volume.value.hostPath, "path", "a path"))
}
