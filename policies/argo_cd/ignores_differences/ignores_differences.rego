# METADATA
# title: "An application ignores differences everywhere"
# description: >-
#   An entry of `ignoreDifferences` covers every kind, or a whole specification. Whatever is changed
#   in the cluster there, Argo CD calls it in sync.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/
# custom:
#   id: AUD-ARGO-0007
#   severity: medium
#   kinds:
#     - argoproj.io/Application
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Name the kind and the field, or the field manager of the controller that writes it.
#   reads:
#     - kind
#     - spec.ignoreDifferences
#     - spec.template.spec.ignoreDifferences
#   since: 0.1.0
package auditor.argo_cd.ignores_differences

import data.auditor.lib.argo

findings contains {
	"message": sprintf("differences are ignored at %s of %s", [path, entry.kind]),
	"pointer": sprintf("%s.ignoreDifferences%s", [application.pointer, place]),
	"details": {"path": path},
} if {
	some application in argo.applications
	some index, entry in application.spec.ignoreDifferences
	some path in wide_paths(entry)
	place := sprintf("[%d]", [index])
}

wide_paths(entry) := {path |
	some field in ["jsonPointers", "jqPathExpressions"]
	some path in entry[field]
	is_wide(entry, path)
}

is_wide(_, path) if path in {"", "/", "/spec", "/metadata", ".", ".spec", ".metadata", ".[]", ".."}

is_wide(entry, _) if {
	entry.kind == "*"
	object.get(entry, "name", "") == ""
	count(object.get(entry, "managedFieldsManagers", [])) == 0
}
