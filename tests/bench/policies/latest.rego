# Images have a tag, and not "latest".
package main

deny contains msg if {
	some container in containers
	not contains(container.image, "@")
	parts := split(container.image, "/")
	not contains(parts[count(parts) - 1], ":")
	msg := sprintf("%s: container %s has an image without a tag", [named, container.name])
}

deny contains msg if {
	some container in containers
	endswith(container.image, ":latest")
	msg := sprintf("%s: container %s has an image tagged latest", [named, container.name])
}
