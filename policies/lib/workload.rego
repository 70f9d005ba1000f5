# The pod specification of any workload kind, and its containers of every type.
package auditor.lib.workload

import data.auditor.lib.text

kind := input.resource.kind

pod_pointer := "spec" if kind == "Pod"

pod_pointer := "spec.jobTemplate.spec.template.spec" if kind == "CronJob"

pod_pointer := "spec.template.spec" if {
	kind != "Pod"
	kind != "CronJob"
}

pod := input.resource.spec if kind == "Pod"

pod := input.resource.spec.jobTemplate.spec.template.spec if kind == "CronJob"

pod := input.resource.spec.template.spec if {
	kind != "Pod"
	kind != "CronJob"
}

# The template's metadata: where annotations of the Pod stand.
pod_metadata := input.resource.metadata if kind == "Pod"

pod_metadata := input.resource.spec.jobTemplate.spec.template.metadata if kind == "CronJob"

pod_metadata := input.resource.spec.template.metadata if {
	kind != "Pod"
	kind != "CronJob"
}

metadata_pointer := "metadata" if kind == "Pod"

metadata_pointer := "spec.jobTemplate.spec.template.metadata" if kind == "CronJob"

metadata_pointer := "spec.template.metadata" if {
	kind != "Pod"
	kind != "CronJob"
}

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
