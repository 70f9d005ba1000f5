# METADATA
# title: "A pod sets an unsafe sysctl"
# description: >-
#   Sysctls outside the safe list of the Kubernetes version can starve or influence other pods of
#   the node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
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
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       kubernetes_version:
#         type: string
#         pattern: ^1\.[0-9]+$
#         default: '1.37'
#         description: The version of the standards, by default the one that the run judges by.
package auditor.pod_security.unsafe_sysctl

import data.auditor.lib.text
import data.auditor.lib.version
import data.auditor.lib.workload

# The first minor version of Kubernetes whose standards call the sysctl safe.
safe_from := {
	"kernel.shm_rmid_forced": 0,
	"net.ipv4.ip_local_port_range": 0,
	"net.ipv4.ip_unprivileged_port_start": 0,
	"net.ipv4.ping_group_range": 0,
	"net.ipv4.tcp_syncookies": 0,
	"net.ipv4.ip_local_reserved_ports": 27,
	"net.ipv4.tcp_fin_timeout": 29,
	"net.ipv4.tcp_keepalive_intvl": 29,
	"net.ipv4.tcp_keepalive_probes": 29,
	"net.ipv4.tcp_keepalive_time": 29,
	"net.ipv4.tcp_rmem": 32,
	"net.ipv4.tcp_wmem": 32,
	"net.ipv4.tcp_notsent_lowat": 37,
	"net.ipv4.tcp_slow_start_after_idle": 37,
}

findings contains {
	"message": sprintf("the pod sets the sysctl %s", [entry.name]),
	"pointer": sprintf("%s.securityContext.sysctls%s", [workload.pod_pointer, text.entry_key(index, entry)]),
	"details": {"sysctl": entry.name},
} if {
	some index, entry in workload.pod.securityContext.sysctls
	sysctl := entry.name
	text.is_known(sysctl)
	not safe(sysctl)
}

safe(sysctl) if version.kubernetes_from(safe_from[sysctl])
