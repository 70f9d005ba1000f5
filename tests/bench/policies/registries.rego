# Images come from known registries.
package main

registries := {"registry.example.com", "ghcr.io"}

deny contains msg if {
	some container in containers
	registry := split(container.image, "/")[0]
	not registry in registries
	msg := sprintf("%s: container %s comes from %s", [named, container.name, registry])
}
