# Containers have limits on memory and on processor time.
package main

deny contains msg if {
	some container in containers
	some resource in ["memory", "cpu"]
	not container.resources.limits[resource]
	msg := sprintf("%s: container %s has no limit of %s", [named, container.name, resource])
}
