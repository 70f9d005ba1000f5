# The manifests of one environment (`input.set`): its workloads, and which pods a selector means.
package auditor.lib.set

import data.auditor.lib.text

# Namespace and name as texts, "" where there is none.
namespace(manifest) := text.plain(object.get(manifest, ["metadata", "namespace"], ""))

name(manifest) := text.plain(object.get(manifest, ["metadata", "name"], ""))

# Where the pod template stands, by kind.
template_path := {
	"Pod": [],
	"ReplicationController": ["spec", "template"],
	"DaemonSet": ["spec", "template"],
	"Deployment": ["spec", "template"],
	"ReplicaSet": ["spec", "template"],
	"StatefulSet": ["spec", "template"],
	"Job": ["spec", "template"],
	"CronJob": ["spec", "jobTemplate", "spec", "template"],
}

# Kinds that are not Kubernetes' own: "group/Kind" → the keys that lead to the pod specification. Python gives those
# that are in the set.
told := object.get(input, ["context", "pods"], {})

told_kinds := {kind |
	some full in object.keys(told)
	parts := split(full, "/")
	last := count(parts) - 1
	kind := parts[last]
}

is_told(manifest) if {
	kind := manifest.kind
	kind in told_kinds
	full := full_kind(manifest)
	told[full]
}

full_kind(manifest) := sprintf("%s/%s", [parts[0], manifest.kind]) if {
	parts := split(manifest.apiVersion, "/")
	count(parts) == 2
}

full_kind(manifest) := manifest.kind if {
	parts := split(manifest.apiVersion, "/")
	count(parts) == 1
}

# Where a manifest has its pods' metadata (beside the last key) and their specification.
pods_of(manifest) := {"above": path, "last": "spec"} if {
	path := template_path[manifest.kind]
	not is_told(manifest)
}

pods_of(manifest) := {"above": above, "last": last} if {
	is_told(manifest)
	full := full_kind(manifest)
	keys := told[full]
	end := count(keys) - 1
	above := array.slice(keys, 0, end)
	last := keys[end]
}

dotted(keys) := trim_prefix(concat("", [text.field_key(key) | some key in keys]), ".")

# Every workload: {"index", "kind", "name", "namespace", "labels", "replicas", "pod", "pointer"}; `labels` are
# those of its pods, `replicas` as written or null, `pointer` leads to the pod's specification.
#
# Lists, and objects that are made once: the embedded engine compares each member of a set with every other, and
# looks for a rule by key (`rule[key] contains`) again for each key.
workloads := [workload |
	some index in numbers.range(0, count(input.set) - 1)
	manifest := input.set[index]
	place := pods_of(manifest)
	path := place.above
	pod_path := array.concat(path, [place.last])
	workload := {
		"index": index,
		"kind": manifest.kind,
		"name": name(manifest),
		"namespace": namespace(manifest),
		"labels": object_or_empty(object.get(manifest, array.concat(path, ["metadata", "labels"]), {})),
		"replicas": object.get(manifest, ["spec", "replicas"], null),
		"pod": object_or_empty(object.get(manifest, pod_path, {})),
		"pointer": text.plain(dotted(pod_path)),
	}
]

# The same by namespace.
in_namespace := {place: found |
	some place in {workload.namespace | some workload in workloads}
	found := [workload | some workload in workloads; workload.namespace == place]
}

# Those that run until they are stopped.
lasting := {place: found |
	some place in object.keys(in_namespace)
	found := [workload |
		some workload in in_namespace[place]
		kind := workload.kind
		not kind in {"Job", "CronJob", "BroadcastJob", "ScaledJob"}
	]
	count(found) > 0
}

# Namespace → keys of labels that pods there have.
label_keys := {place: keys |
	some place in object.keys(in_namespace)
	keys := {key | some workload in in_namespace[place]; some key in object.keys(workload.labels)}
}

# Namespace → names of the declared objects of a kind.
names_of(kind) := {place: names |
	declared := [{"place": namespace(manifest), "name": name(manifest)} | some manifest in input.set; manifest.kind == kind]
	some place in {one.place | some one in declared}
	names := [one.name | some one in declared; one.place == place]
}

# Namespaces in which a chart or an application from elsewhere puts objects that the set does not hold.
filled_from_elsewhere contains namespace if {
	some manifest in input.set
	manifest.kind == "HelmRelease"
	namespace := target(manifest)
}

filled_from_elsewhere contains namespace if {
	some manifest in input.set
	manifest.kind == "Application"
	namespace := text.plain(manifest.spec.destination.namespace)
}

target(release) := text.plain(release.spec.targetNamespace) if is_string(release.spec.targetNamespace)

target(release) := namespace(release) if not is_string(object.get(release, ["spec", "targetNamespace"], null))

object_or_empty(value) := value if is_object(value)

object_or_empty(value) := {} if not is_object(value)

# A field's text, or what stands for it where it is missing.
text_or(object_with, field, otherwise) := text.plain(object.get(object_with, field, otherwise))
