# METADATA
# title: "A probe or a lifecycle hook asks another host"
# description: >-
#   With `host` set, the kubelet connects from the node to wherever the manifest says: a way to
#   reach what the pod itself may not. In the baseline standard from Kubernetes 1.34 on; before,
#   nothing is found.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0019
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Remove `host`: the pod itself is asked then.
#   reads:
#     - workload.containers[].lifecycle
#     - workload.containers[].livenessProbe
#     - workload.containers[].name
#     - workload.containers[].readinessProbe
#     - workload.containers[].startupProbe
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       kubernetes_version:
#         type: string
#         pattern: ^1\.[0-9]+$
#         default: '1.37'
#         description: The version of the standards, by default the one that the run judges by.
package auditor.pod_security.probe_host

import data.auditor.lib.text
import data.auditor.lib.version
import data.auditor.lib.workload

findings contains {
	"message": sprintf("%s of container %s asks the host %s", [check, container.name, host]),
	"pointer": sprintf("%s.%s.%s.host", [container.pointer, check, action]),
	"details": {"container": container.name, "host": host},
} if {
	version.kubernetes_from(34)
	some container in workload.containers
	some check in ["livenessProbe", "readinessProbe", "startupProbe"]
	some action in ["httpGet", "tcpSocket"]
	host := container.value[check][action].host
	text.is_known(host)
	host != ""
}

findings contains {
	"message": sprintf("%s of container %s asks the host %s", [hook, container.name, host]),
	"pointer": sprintf("%s.lifecycle.%s.%s.host", [container.pointer, hook, action]),
	"details": {"container": container.name, "host": host},
} if {
	version.kubernetes_from(34)
	some container in workload.containers
	some hook in ["postStart", "preStop"]
	some action in ["httpGet", "tcpSocket"]
	host := container.value.lifecycle[hook][action].host
	text.is_known(host)
	host != ""
}
