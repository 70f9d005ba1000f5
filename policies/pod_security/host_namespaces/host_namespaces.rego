# METADATA
# title: "A pod shares the host's network, process or IPC namespace"
# description: >-
#   hostNetwork, hostPID and hostIPC take down the wall between the pod and the node: its
#   processes see the node's traffic, processes or memory.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0002
#   severity: high
#   kinds:
#     - workload
#   remediation: >-
#     Remove the field; reach the node's data through an agent that is made for it.
#   reads:
#     - workload.pod.automountServiceAccountToken
#     - workload.pod.hostIPC
#     - workload.pod.hostNetwork
#     - workload.pod.hostPID
#     - workload.pod.serviceAccount
#     - workload.pod.serviceAccountName
#   since: 0.1.0
package auditor.pod_security.host_namespaces

import data.auditor.lib.workload

findings contains {
	"message": sprintf("the pod shares the host's namespace: %s", [field]),
	"pointer": sprintf("%s.%s", [workload.pod_pointer, field]),
	"details": {"field": field},
} if {
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	workload.pod[field] == true
}
