# METADATA
# title: "Helm values ask for a privileged container"
# description: >-
#   `privileged: true` in the values of a release, wherever the chart takes it: the container has
#   every capability and the host's devices, and whoever gets into it owns the node. Charts that are
#   rendered here are judged by what they make as well (AUD-POD-0001); most come from a registry and
#   are not.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-HELM-0009
#   severity: high
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - helm.fluxcd.io/HelmRelease
#   remediation: >-
#     Remove `privileged: true`; add the single capability that the program needs. Drivers and device
#     plugins that need it get a waiver with a date.
#   reads:
#     - spec.values
#   since: 0.1.0
#   contains: '"privileged":true'
package auditor.helm.values_ask_for_privileged

import data.auditor.lib.pointer

findings contains {
	"message": "the values ask the chart for a privileged container",
	"pointer": pointer.of(array.concat(["spec", "values"], path)),
	"details": {},
} if {
	walk(input.resource.spec.values, [path, value])
	value == true
	last := count(path) - 1
	path[last] == "privileged"
}
