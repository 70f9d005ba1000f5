# METADATA
# title: "An Ingress puts its own configuration into ingress-nginx"
# description: >-
#   A snippet annotation is pasted into the controller's configuration: whoever may write the
#   Ingress reads the controller's service account token, and with it every Secret in the cluster
#   (CVE-2021-25742).
# related_resources:
#   - ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/
# custom:
#   id: AUD-NET-0007
#   severity: high
#   kinds:
#     - networking.k8s.io/Ingress
#     - extensions/Ingress
#   remediation: >-
#     Use the annotation made for the purpose, and keep `allow-snippet-annotations` off.
#   reads:
#     - metadata.annotations
#   since: 0.1.0
package auditor.network.ingress_snippet

import data.auditor.lib.text

findings contains {
	"message": sprintf("the annotation %s is pasted into the controller's configuration", [name]),
	"pointer": sprintf("metadata.annotations%s", [text.field_key(name)]),
	"details": {"annotation": name},
} if {
	some name, value in input.resource.metadata.annotations
	value != ""
	some prefix in ["nginx.ingress.kubernetes.io/", "nginx.org/"]
	startswith(name, prefix)
	some suffix in ["-snippet", "-snippets"]
	endswith(name, suffix)
}
