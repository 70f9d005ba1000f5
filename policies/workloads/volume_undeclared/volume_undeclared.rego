# METADATA
# title: "A container mounts a volume that the pod does not have"
# description: >-
#   The API server refuses the pod. In a StatefulSet the claim templates count as volumes.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/
# custom:
#   id: AUD-WORK-0009
#   severity: high
#   kinds:
#     - workload
#   remediation: >-
#     Declare the volume, or correct the name.
#   reads:
#     - spec.volumeClaimTemplates
#     - workload.containers[].name
#     - workload.containers[].volumeDevices
#     - workload.containers[].volumeMounts
#     - workload.pod.volumes
#   since: 0.1.0
package auditor.workloads.volume_undeclared

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s mounts the volume %s, which the pod does not have", [container.name, mount.name]),
	"pointer": sprintf("%s.%s%s", [container.pointer, field, text.entry_key(index, mount)]),
	"details": {"container": container.name, "volume": mount.name},
} if {
	some container in workload.containers
	some field in ["volumeMounts", "volumeDevices"]
	some index, mount in container.value[field]
	text.is_known(mount.name)
	name := mount.name
	not name in declared
}

declared contains volume.name if some volume in workload.volumes

declared contains claim.metadata.name if some claim in input.resource.spec.volumeClaimTemplates
