# METADATA
# title: "A program runs in kube-system"
# description: >-
#   Its service accounts and Secrets lie beside those of the cluster itself, and Pod Security is
#   seldom enforced there. Parts of the cluster belong there; the parameter `allowed` lists them
#   as patterns of names.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces
# custom:
#   id: AUD-NS-0004
#   severity: low
#   kinds:
#     - workload
#   remediation: >-
#     Give the program a namespace of its own, or add it to the list after review.
#   reads:
#     - metadata.name
#     - metadata.namespace
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items:
#           type: string
#         default:
#         - aws-*
#         - azure-*
#         - calico-*
#         - cilium*
#         - cloud-controller*
#         - cluster-autoscaler*
#         - coredns*
#         - csi-*
#         - descheduler*
#         - '*-device-plugin*'
#         - '*-gpu-plugin*'
#         - '*-csi-*'
#         - ebs-csi-*
#         - etcd*
#         - gke-*
#         - hubble-*
#         - ip-masq-agent*
#         - kube-*
#         - konnectivity-*
#         - kubelet-*
#         - local-path-provisioner*
#         - metrics-server*
#         - multus*
#         - nfd*
#         - node-feature-discovery*
#         - node-local-dns*
#         - node-problem-detector*
#         - nvidia-*
#         - sealed-secrets*
#         - snapshot-controller*
#         - spegel*
#         - tigera-*
#         - vsphere-*
#         description: Names of workloads that belong there; * stands for any text.
package auditor.namespaces.kube_system_workload

import data.auditor.lib.text

findings contains {
	"message": sprintf("%s runs in kube-system and is not on the list of the cluster's parts", [name]),
	"pointer": "metadata.namespace",
	"details": {"name": name},
} if {
	input.resource.metadata.namespace == "kube-system"
	name := text.plain(object.get(input.resource, ["metadata", "name"], ""))
	not is_allowed(name)
}

is_allowed(name) if {
	some pattern in input.parameters.allowed
	glob.match(pattern, [], name)
}
