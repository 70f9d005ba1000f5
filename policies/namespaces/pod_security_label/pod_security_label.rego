# METADATA
# title: "A namespace does not enforce a Pod Security Standard"
# description: >-
#   Without the label `pod-security.kubernetes.io/enforce` the API server admits whatever pod is
#   asked for, and only reviewers stand in between. `privileged` enforces nothing. The namespaces
#   of Kubernetes itself (kube-system, kube-public, kube-node-lease) are left out.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/
# custom:
#   id: AUD-NS-0001
#   severity: low
#   kinds:
#     - Namespace
#   remediation: >-
#     Label the namespace `pod-security.kubernetes.io/enforce: baseline`, better `restricted`.
#   reads:
#     - 'metadata.labels["pod-security.kubernetes.io/enforce"]'
#     - metadata.name
#   since: 0.1.0
package auditor.namespaces.pod_security_label

label := "pod-security.kubernetes.io/enforce"

findings contains {
	"message": "the namespace enforces no Pod Security Standard",
	"pointer": sprintf("metadata.labels[\"%s\"]", [label]),
	"details": {},
} if {
	object.get(input.resource, ["metadata", "labels", label], "") in {"", "privileged"}
	name := object.get(input.resource, ["metadata", "name"], "")
	not name in {"kube-node-lease", "kube-public", "kube-system"}
}
