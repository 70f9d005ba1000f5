# METADATA
# title: "A Secret is given to a container as environment variables"
# description: >-
#   Environment variables are inherited by every child process and end up in crash reports and
#   debug pages; a file can be read by one process only and is renewed without a restart.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: AUD-SEC-0003
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Mount the Secret as a volume.
#   reads:
#     - workload.containers[].env[].name
#     - workload.containers[].env[].valueFrom.secretKeyRef
#     - workload.containers[].envFrom[].secretRef
#     - workload.containers[].name
#   since: 0.1.0
package auditor.secrets.secret_in_environment

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s takes the variable %s from a Secret", [container.name, variable.name]),
	"pointer": sprintf("%s.env%s", [container.pointer, text.entry_key(index, variable)]),
	"details": {"container": container.name, "variable": variable.name},
} if {
	some container in workload.containers
	some index, variable in container.value.env
	is_object(variable.valueFrom.secretKeyRef)
}

findings contains {
	"message": sprintf("container %s takes all keys of a Secret as variables", [container.name]),
	"pointer": sprintf("%s.envFrom[%d]", [container.pointer, index]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	some index, source in container.value.envFrom
	is_object(source.secretRef)
}
