# The pod specification of any workload kind, and its containers of every type.
package auditor.lib.workload

import data.auditor.lib.text
import data.auditor.lib.version

kind := input.resource.kind

# Kubernetes' own kinds are known by name. Of any other, the keys that lead to its pod specification are given.
own_kind := kind if not input.context.pod

is_usual if {
	own_kind != "Pod"
	own_kind != "PodTemplate"
	own_kind != "CronJob"
}

pod_pointer := "spec" if own_kind == "Pod"

pod_pointer := "template.spec" if own_kind == "PodTemplate"

pod_pointer := "spec.jobTemplate.spec.template.spec" if own_kind == "CronJob"

pod_pointer := "spec.template.spec" if is_usual

pod_pointer := dotted(input.context.pod)

pod := input.resource.spec if own_kind == "Pod"

pod := input.resource.template.spec if own_kind == "PodTemplate"

pod := input.resource.spec.jobTemplate.spec.template.spec if own_kind == "CronJob"

pod := input.resource.spec.template.spec if is_usual

pod := object.get(input.resource, input.context.pod, null)

# The template's metadata: where annotations of the Pod stand.
pod_metadata := input.resource.metadata if own_kind == "Pod"

pod_metadata := input.resource.template.metadata if own_kind == "PodTemplate"

pod_metadata := input.resource.spec.jobTemplate.spec.template.metadata if own_kind == "CronJob"

pod_metadata := input.resource.spec.template.metadata if is_usual

pod_metadata := object.get(input.resource, metadata_keys, null)

metadata_pointer := "metadata" if own_kind == "Pod"

metadata_pointer := "template.metadata" if own_kind == "PodTemplate"

metadata_pointer := "spec.jobTemplate.spec.template.metadata" if own_kind == "CronJob"

metadata_pointer := "spec.template.metadata" if is_usual

metadata_pointer := dotted(metadata_keys)

metadata_keys := array.concat(array.slice(input.context.pod, 0, count(input.context.pod) - 1), ["metadata"])

dotted(keys) := trim_prefix(concat("", [text.field_key(key) | some key in keys]), ".")

# Every container: {"value", "type", "name", "pointer"}.
containers contains entry if {
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some index, container in pod[field]
	is_object(container)
	entry := {
		"value": container,
		"type": field,
		"name": text.plain(object.get(container, "name", "")),
		"pointer": sprintf("%s.%s%s", [pod_pointer, field, text.entry_key(index, container)]),
	}
}

# The containers that run for the Pod's whole life: the regular ones, and init containers that restart.
long_running contains entry if {
	some entry in containers
	entry.type == "containers"
}

long_running contains entry if {
	some entry in containers
	entry.type == "initContainers"
	entry.value.restartPolicy == "Always"
}

volumes contains entry if {
	some index, volume in pod.volumes
	is_object(volume)
	entry := {
		"value": volume,
		"name": text.plain(object.get(volume, "name", "")),
		"pointer": sprintf("%s.volumes%s", [pod_pointer, text.entry_key(index, volume)]),
	}
}

# A field of the security context as it works on a container: its own, else the Pod's.
effective(entry, field) := value if {
	value := entry.value.securityContext[field]
	value != null
}

effective(entry, field) := value if {
	not has_own(entry, field)
	value := pod.securityContext[field]
	value != null
}

has_own(entry, field) if {
	own := entry.value.securityContext[field]
	own != null
}

is_windows if pod.os.name == "windows"

# Root in such a pod is an ordinary user of the node.
has_user_namespace if pod.hostUsers == false

# From 1.35 on the standards allow such a pod what is harmless outside of it. Before, that hung on a feature gate.
may_be_root_inside if {
	has_user_namespace
	version.kubernetes_from(35)
}
