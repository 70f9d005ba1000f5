# METADATA
# title: "A container's root file system is writable"
# description: >-
#   An intruder can change programs and drop tools. Ephemeral containers, which debug, are left out.
# related_resources:
#   - ref: https://www.cisa.gov/news-events/alerts/2022/03/15/updated-kubernetes-hardening-guide
# custom:
#   id: AUD-POD-0010
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Set `readOnlyRootFilesystem: true` and mount an emptyDir where the program writes.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.writable_root_filesystem

import data.auditor.lib.text
import data.auditor.lib.workload

findings contains {
	"message": sprintf("container %s has a writable root file system", [container.name]),
	"pointer": sprintf("%s.securityContext.readOnlyRootFilesystem", [container.pointer]),
	"details": {"container": container.name},
} if {
	not workload.is_windows
	some container in workload.containers
	container.type != "ephemeralContainers"
	not read_only(container)
}

read_only(container) if container.value.securityContext.readOnlyRootFilesystem == true

read_only(container) if text.is_placeholder(container.value.securityContext.readOnlyRootFilesystem)
