# METADATA
# title: "SELinux confinement is changed"
# description: >-
#   The type is not one of the container types (container_t, container_init_t, container_kvm_t and,
#   from Kubernetes 1.31 on, container_engine_t), or a user or role is set: the process may leave
#   its confinement.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   id: AUD-POD-0016
#   severity: medium
#   kinds:
#     - workload
#   remediation: >-
#     Remove seLinuxOptions.user and role, and use container_t.
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
package auditor.pod_security.selinux_options

import data.auditor.lib.text
import data.auditor.lib.version
import data.auditor.lib.workload

# The first minor version of Kubernetes whose standards allow the type.
allowed_from := {"": 0, "container_t": 0, "container_init_t": 0, "container_kvm_t": 0, "container_engine_t": 31}

findings contains {
	"message": sprintf("SELinux %s is %s", [field, value]),
	"pointer": sprintf("%s.seLinuxOptions.%s", [place.pointer, field]),
	"details": {"field": field},
} if {
	some place in places
	some field in ["user", "role"]
	value := place.value.seLinuxOptions[field]
	text.is_known(value)
	value != ""
}

findings contains {
	"message": sprintf("SELinux type is %s", [value]),
	"pointer": sprintf("%s.seLinuxOptions.type", [place.pointer]),
	"details": {"field": "type"},
} if {
	some place in places
	value := place.value.seLinuxOptions.type
	text.is_known(value)
	not allowed(value)
}

allowed(type) if version.kubernetes_from(allowed_from[type])

places contains {"value": workload.pod.securityContext, "pointer": sprintf("%s.securityContext", [workload.pod_pointer])}

places contains {"value": container.value.securityContext, "pointer": sprintf("%s.securityContext", [container.pointer])} if {
	some container in workload.containers
}
