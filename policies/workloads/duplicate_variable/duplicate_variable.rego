# METADATA
# title: "A container defines an environment variable twice"
# description: >-
#   The last one wins, silently; applying the manifest from the client's side loses one of them,
#   so that what runs depends on the tool.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
# custom:
#   id: AUD-WORK-0007
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Remove one of them.
#   reads:
#     - workload.containers[].env[].name
#     - workload.containers[].name
#   since: 0.1.0
package auditor.workloads.duplicate_variable

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s defines the variable %s %d times", [container.name, name, count(places)]),
	"pointer": sprintf("%s.env%s", [container.pointer, text.entry_key(0, {"name": name})]),
	"details": {"container": container.name, "variable": name},
} if {
	some container in workload.containers
	some variable in container.value.env
	name := variable.name
	is_string(name)
	places := [1 | some other in container.value.env; other.name == name]
	count(places) > 1
}
