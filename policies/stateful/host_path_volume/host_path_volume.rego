# METADATA
# title: "A persistent volume is a path of a node"
# description: >-
#   Whoever may use the claim reads and writes that path of the node, past Pod Security Standards,
#   which look at pods only; the data is lost with the node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
# custom:
#   id: AUD-STATE-0003
#   severity: high
#   kinds:
#     - PersistentVolume
#   remediation: >-
#     Use a CSI driver, or a `local` volume with node affinity.
#   reads:
#     - spec.hostPath
#   since: 0.1.0
package auditor.stateful.host_path_volume

import data.auditor.lib.text

findings contains {
	"message": sprintf("the volume is %s of the node", [text.plain(object.get(input.resource.spec.hostPath, "path", "a path"))]),
	"pointer": "spec.hostPath",
	"details": {},
} if {
	is_object(input.resource.spec.hostPath)
}
