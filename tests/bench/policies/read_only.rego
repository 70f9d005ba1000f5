# Root file systems are read-only.
package main

deny contains msg if {
	some container in containers
	not container.securityContext.readOnlyRootFilesystem
	msg := sprintf("%s: container %s can write to its root file system", [named, container.name])
}
