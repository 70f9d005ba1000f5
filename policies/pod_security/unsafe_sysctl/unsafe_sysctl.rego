# METADATA
# title: "A pod sets an unsafe sysctl"
# description: >-
#   Sysctls outside the safe list can starve or influence other pods of the node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0013
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Remove the sysctl; set it on the node if the whole node is meant.
#   reads:
#     - workload.containers[].name
#     - workload.containers[].securityContext
#     - workload.pod.hostUsers
#     - workload.pod.os.name
#     - workload.pod.securityContext
#   since: 0.1.0
package auditor.pod_security.unsafe_sysctl

import data.auditor.lib.text
import data.auditor.lib.workload

safe := {
	"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
	"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_rmem", "net.ipv4.tcp_slow_start_after_idle",
	"net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem",
}

findings contains {
	"message": sprintf("the pod sets the sysctl %s", [entry.name]),
	"pointer": sprintf("%s.securityContext.sysctls%s", [workload.pod_pointer, text.entry_key(index, entry)]),
	"details": {"sysctl": entry.name},
} if {
	some index, entry in workload.pod.securityContext.sysctls
	sysctl := entry.name
	text.is_known(sysctl)
	not sysctl in safe
}
