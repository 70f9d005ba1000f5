# Pods say that they do not run as root.
package main

deny contains msg if {
	pod_spec
	not pod_spec.securityContext.runAsNonRoot
	msg := sprintf("%s: runAsNonRoot is not set", [named])
}
