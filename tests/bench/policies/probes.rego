# What runs on and on has probes.
package main

deny contains msg if {
	input.kind in {"Deployment", "StatefulSet", "DaemonSet"}
	some container in pod_spec.containers
	some probe in ["livenessProbe", "readinessProbe"]
	not container[probe]
	msg := sprintf("%s: container %s has no %s", [named, container.name, probe])
}
