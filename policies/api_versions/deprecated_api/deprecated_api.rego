# METADATA
# title: "A manifest uses a deprecated API version"
# description: >-
#   The API server of the target version (parameter `kubernetes_version`, by default the version
#   that the run judges by) still serves this API version and will stop: the upgrade to that
#   release fails for it. For beta versions the release is the one that Kubernetes announced.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
# custom:
#   id: AUD-API-0003
#   severity: low
#   kinds:
#     - admissionregistration.k8s.io/MutatingAdmissionPolicy
#     - admissionregistration.k8s.io/MutatingAdmissionPolicyBinding
#     - admissionregistration.k8s.io/MutatingWebhookConfiguration
#     - admissionregistration.k8s.io/ValidatingAdmissionPolicy
#     - admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding
#     - admissionregistration.k8s.io/ValidatingWebhookConfiguration
#     - apiextensions.k8s.io/CustomResourceDefinition
#     - apiregistration.k8s.io/APIService
#     - apps/ControllerRevision
#     - apps/DaemonSet
#     - apps/Deployment
#     - apps/ReplicaSet
#     - apps/StatefulSet
#     - autoscaling/HorizontalPodAutoscaler
#     - batch/CronJob
#     - certificates.k8s.io/CertificateSigningRequest
#     - certificates.k8s.io/ClusterTrustBundle
#     - certificates.k8s.io/PodCertificateRequest
#     - coordination.k8s.io/Lease
#     - coordination.k8s.io/LeaseCandidate
#     - discovery.k8s.io/EndpointSlice
#     - events.k8s.io/Event
#     - extensions/DaemonSet
#     - extensions/Deployment
#     - extensions/Ingress
#     - extensions/NetworkPolicy
#     - extensions/ReplicaSet
#     - flowcontrol.apiserver.k8s.io/FlowSchema
#     - flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration
#     - networking.k8s.io/IPAddress
#     - networking.k8s.io/Ingress
#     - networking.k8s.io/IngressClass
#     - networking.k8s.io/ServiceCIDR
#     - node.k8s.io/RuntimeClass
#     - policy/PodDisruptionBudget
#     - policy/PodSecurityPolicy
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/Role
#     - rbac.authorization.k8s.io/RoleBinding
#     - resource.k8s.io/DeviceClass
#     - resource.k8s.io/DeviceTaintRule
#     - resource.k8s.io/ResourceClaim
#     - resource.k8s.io/ResourceClaimTemplate
#     - resource.k8s.io/ResourceSlice
#     - scheduling.k8s.io/PriorityClass
#     - storage.k8s.io/CSIDriver
#     - storage.k8s.io/CSINode
#     - storage.k8s.io/CSIStorageCapacity
#     - storage.k8s.io/StorageClass
#     - storage.k8s.io/VolumeAttachment
#     - storage.k8s.io/VolumeAttributesClass
#     - storagemigration.k8s.io/StorageVersionMigration
#     - Endpoints
#   remediation: >-
#     Change `apiVersion` as the deprecation guide says, before the cluster is upgraded.
#   reads:
#     - apiVersion
#     - kind
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       kubernetes_version:
#         type: string
#         pattern: ^1\.[0-9]+$
#         default: '1.37'
#         description: The version of Kubernetes that the manifests are for.
package auditor.api_versions.deprecated_api

import data.auditor.lib.lifecycle
import data.auditor.lib.text

findings contains {
	"message": sprintf("%s %s is deprecated since Kubernetes 1.%d and goes with 1.%d; use %s, there since 1.%d", [input.resource.apiVersion, input.resource.kind, entry.deprecated, entry.removed, text.plain(entry.use), entry.since]),
	"pointer": "apiVersion",
	"details": {"api_version": input.resource.apiVersion, "replacement": entry.use},
} if {
	entry := lifecycle.life(input.resource)
	minor := lifecycle.minor(input.parameters.kubernetes_version)
	minor >= entry.deprecated
	minor < entry.removed
}

findings contains {
	"message": "v1 Endpoints is deprecated since Kubernetes 1.33; use discovery.k8s.io/v1 EndpointSlice",
	"pointer": "apiVersion",
	"details": {"api_version": "v1", "replacement": "discovery.k8s.io/v1"},
} if {
	input.resource.apiVersion == "v1"
	input.resource.kind == "Endpoints"
	lifecycle.minor(input.parameters.kubernetes_version) >= 33
}
