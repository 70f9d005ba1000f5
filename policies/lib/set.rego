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

# Every workload: {"index", "kind", "name", "namespace", "labels", "replicas", "pod", "pointer"}; `labels` are
# those of its pods, `replicas` as written or null, `pointer` leads to the pod's specification.
workloads contains workload if {
	some index, manifest in input.set
	path := template_path[manifest.kind]
	workload := {
		"index": index,
		"kind": manifest.kind,
		"name": name(manifest),
		"namespace": namespace(manifest),
		"labels": object_or_empty(object.get(manifest, array.concat(path, ["metadata", "labels"]), {})),
		"replicas": object.get(manifest, ["spec", "replicas"], null),
		"pod": object_or_empty(object.get(manifest, array.concat(path, ["spec"]), {})),
		"pointer": text.plain(concat(".", array.concat(path, ["spec"]))),
	}
}

# The same by namespace.
in_namespace[workload.namespace] contains workload if some workload in workloads

# Those that run until they are stopped.
lasting[workload.namespace] contains workload if {
	some workload in workloads
	kind := workload.kind
	not kind in {"Job", "CronJob"}
}

# Namespaces in which a chart or an application from elsewhere puts objects that the set does not hold.
filled_from_elsewhere contains target(manifest) if {
	some manifest in input.set
	manifest.kind == "HelmRelease"
}

filled_from_elsewhere contains text.plain(manifest.spec.destination.namespace) if {
	some manifest in input.set
	manifest.kind == "Application"
}

target(release) := text.plain(release.spec.targetNamespace) if is_string(release.spec.targetNamespace)

target(release) := namespace(release) if not is_string(object.get(release, ["spec", "targetNamespace"], null))

object_or_empty(value) := value if is_object(value)

object_or_empty(value) := {} if not is_object(value)

# A field's text, or what stands for it where it is missing.
text_or(object_with, field, otherwise) := text.plain(object.get(object_with, field, otherwise))
