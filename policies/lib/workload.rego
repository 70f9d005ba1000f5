# The pod specification of any workload kind, and its containers of every type.
package auditor.lib.workload

import data.auditor.lib.text
import data.auditor.lib.version

kind := input.resource.kind

# The keys that lead to the pod specification. For kinds that are not Kubernetes' own they are given.
place := input.context.pod

place := ["spec"] if {
	kind == "Pod"
	not input.context.pod
}

place := ["template", "spec"] if {
	kind == "PodTemplate"
	not input.context.pod
}

place := ["spec", "jobTemplate", "spec", "template", "spec"] if {
	kind == "CronJob"
	not input.context.pod
}

place := ["spec", "template", "spec"] if {
	not kind in {"Pod", "PodTemplate", "CronJob"}
	not input.context.pod
}

pod_pointer := dotted(place)

pod := object.get(input.resource, place, null)

# The template's metadata: where annotations of the Pod stand.
metadata_place := array.concat(array.slice(place, 0, count(place) - 1), ["metadata"])

metadata_pointer := dotted(metadata_place)

pod_metadata := object.get(input.resource, metadata_place, null)

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
