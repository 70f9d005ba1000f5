# No container is privileged.
package main

deny contains msg if {
	some container in containers
	container.securityContext.privileged == true
	msg := sprintf("%s: container %s is privileged", [named, container.name])
}
