# Services are not opened to the outside by themselves.
package main

deny contains msg if {
	input.kind == "Service"
	input.spec.type in {"NodePort", "LoadBalancer"}
	msg := sprintf("%s: it is of type %s", [named, input.spec.type])
}
