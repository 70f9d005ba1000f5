# METADATA
# title: "A pod mounts the token of the default service account"
# description: >-
#   A program that never talks to the API server carries credentials for it all the same. The pod
#   names no service account of its own and does not switch the token off.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
# custom:
#   id: AUD-POD-0011
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Set `automountServiceAccountToken: false`, or name a service account made for the program.
#   reads:
#     - workload.pod.automountServiceAccountToken
#     - workload.pod.hostIPC
#     - workload.pod.hostNetwork
#     - workload.pod.hostPID
#     - workload.pod.serviceAccount
#     - workload.pod.serviceAccountName
#   since: 0.1.0
package auditor.pod_security.service_account_token

import data.auditor.lib.workload

findings contains {
	"message": "the pod mounts the default service account's token",
	"pointer": sprintf("%s.automountServiceAccountToken", [workload.pod_pointer]),
	"details": {},
} if {
	is_object(workload.pod)
	not switched_off
	not has_own_account
}

switched_off if workload.pod.automountServiceAccountToken == false

has_own_account if {
	some field in ["serviceAccountName", "serviceAccount"]
	name := workload.pod[field]
	name != ""
	name != "default"
	name != null
}
