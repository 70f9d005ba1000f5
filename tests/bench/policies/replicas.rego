# Deployments have two replicas or more.
package main

deny contains msg if {
	input.kind == "Deployment"
	object.get(input.spec, "replicas", 1) < 2
	msg := sprintf("%s: it has one replica", [named])
}
