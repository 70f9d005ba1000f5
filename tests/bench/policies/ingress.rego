# Ingresses have TLS for each of their hosts.
package main

covered contains host if some host in input.spec.tls[_].hosts

deny contains msg if {
	input.kind == "Ingress"
	some rule in input.spec.rules
	not rule.host in covered
	msg := sprintf("%s: the host %s has no TLS", [named, rule.host])
}
