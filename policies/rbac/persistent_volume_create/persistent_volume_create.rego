# METADATA
# title: "A role may create persistent volumes"
# description: >-
#   A PersistentVolume can be a hostPath: who creates one reads and writes the files of any node,
#   whatever Pod Security Standards say. Provisioners of storage need it and get a waiver. Rules
#   that name the objects (`resourceNames`) are not judged; a rule that allows every verb on
#   everything is a finding of AUD-RBAC-0001 only.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0013
#   severity: medium
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#   remediation: >-
#     Let users create claims, and a provisioner the volumes.
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.persistent_volume_create

import data.auditor.lib.rbac
import data.auditor.lib.text

# API group → resource → verbs.
dangerous := {
	"": {"persistentvolumes": ["create"]},
}

findings contains {
	"message": sprintf("rule %d allows creating volumes: %s", [index, text.plain(concat("; ", granted))]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {"granted": granted},
} if {
	some index, entry in input.resource.rules
	some group, wanted in dangerous
	granted := rbac.grants(entry, group, wanted)
	count(granted) > 0
}
