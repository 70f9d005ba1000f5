# METADATA
# title: "A Windows container runs as a host process"
# description: >-
#   HostProcess containers are processes of the Windows node with its privileges.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/
# custom:
#   id: AUD-POD-0017
#   severity: critical
#   kinds:
#     - workload
#   remediation: >-
#     Remove `windowsOptions.hostProcess`; an agent that must work on the node gets a waiver with a
#     date.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.windows_host_process

import data.auditor.lib.workload

findings contains {
	"message": "the pod runs as host processes",
	"pointer": sprintf("%s.securityContext.windowsOptions.hostProcess", [workload.pod_pointer]),
	"details": {},
} if {
	workload.pod.securityContext.windowsOptions.hostProcess == true
}

findings contains {
	"message": sprintf("container %s runs as a host process", [container.name]),
	"pointer": sprintf("%s.securityContext.windowsOptions.hostProcess", [container.pointer]),
	"details": {"container": container.name},
} if {
	some container in workload.containers
	container.value.securityContext.windowsOptions.hostProcess == true
}
