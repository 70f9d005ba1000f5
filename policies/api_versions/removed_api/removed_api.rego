# METADATA
# title: "A manifest uses an API version that Kubernetes removed"
# description: >-
#   The API server of the target version (parameter `kubernetes_version`, by default the version
#   that the run judges by) does not know this API version any more: the manifest cannot be
#   applied, and nothing of it is enforced.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
# custom:
#   id: AUD-API-0001
#   severity: high
#   kinds:
#     - admissionregistration.k8s.io/MutatingWebhookConfiguration
#     - admissionregistration.k8s.io/ValidatingWebhookConfiguration
#     - apiextensions.k8s.io/CustomResourceDefinition
#     - apiregistration.k8s.io/APIService
#     - apps/DaemonSet
#     - apps/Deployment
#     - apps/ReplicaSet
#     - apps/StatefulSet
#     - autoscaling/HorizontalPodAutoscaler
#     - batch/CronJob
#     - certificates.k8s.io/CertificateSigningRequest
#     - coordination.k8s.io/Lease
#     - discovery.k8s.io/EndpointSlice
#     - extensions/DaemonSet
#     - extensions/Deployment
#     - extensions/Ingress
#     - extensions/NetworkPolicy
#     - extensions/ReplicaSet
#     - flowcontrol.apiserver.k8s.io/FlowSchema
#     - flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration
#     - networking.k8s.io/Ingress
#     - networking.k8s.io/IngressClass
#     - node.k8s.io/RuntimeClass
#     - policy/PodDisruptionBudget
#     - policy/PodSecurityPolicy
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/Role
#     - rbac.authorization.k8s.io/RoleBinding
#     - scheduling.k8s.io/PriorityClass
#     - storage.k8s.io/CSIDriver
#     - storage.k8s.io/CSIStorageCapacity
#     - storage.k8s.io/StorageClass
#     - storage.k8s.io/VolumeAttachment
#   remediation: >-
#     Change `apiVersion` as the deprecation guide says; some fields moved.
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
package auditor.api_versions.removed_api

removed := {
	"extensions/v1beta1/Ingress": {"minor": 22, "use": "networking.k8s.io/v1"},
	"networking.k8s.io/v1beta1/Ingress": {"minor": 22, "use": "networking.k8s.io/v1"},
	"networking.k8s.io/v1beta1/IngressClass": {"minor": 22, "use": "networking.k8s.io/v1"},
	"extensions/v1beta1/Deployment": {"minor": 16, "use": "apps/v1"},
	"extensions/v1beta1/DaemonSet": {"minor": 16, "use": "apps/v1"},
	"extensions/v1beta1/ReplicaSet": {"minor": 16, "use": "apps/v1"},
	"extensions/v1beta1/NetworkPolicy": {"minor": 16, "use": "networking.k8s.io/v1"},
	"apps/v1beta1/Deployment": {"minor": 16, "use": "apps/v1"},
	"apps/v1beta1/StatefulSet": {"minor": 16, "use": "apps/v1"},
	"apps/v1beta2/Deployment": {"minor": 16, "use": "apps/v1"},
	"apps/v1beta2/StatefulSet": {"minor": 16, "use": "apps/v1"},
	"apps/v1beta2/DaemonSet": {"minor": 16, "use": "apps/v1"},
	"apps/v1beta2/ReplicaSet": {"minor": 16, "use": "apps/v1"},
	"batch/v1beta1/CronJob": {"minor": 25, "use": "batch/v1"},
	"policy/v1beta1/PodDisruptionBudget": {"minor": 25, "use": "policy/v1"},
	"policy/v1beta1/PodSecurityPolicy": {"minor": 25, "use": "Pod Security Admission"},
	"discovery.k8s.io/v1beta1/EndpointSlice": {"minor": 25, "use": "discovery.k8s.io/v1"},
	"node.k8s.io/v1beta1/RuntimeClass": {"minor": 25, "use": "node.k8s.io/v1"},
	"autoscaling/v2beta1/HorizontalPodAutoscaler": {"minor": 25, "use": "autoscaling/v2"},
	"autoscaling/v2beta2/HorizontalPodAutoscaler": {"minor": 26, "use": "autoscaling/v2"},
	"rbac.authorization.k8s.io/v1beta1/ClusterRole": {"minor": 22, "use": "rbac.authorization.k8s.io/v1"},
	"rbac.authorization.k8s.io/v1beta1/ClusterRoleBinding": {"minor": 22, "use": "rbac.authorization.k8s.io/v1"},
	"rbac.authorization.k8s.io/v1beta1/Role": {"minor": 22, "use": "rbac.authorization.k8s.io/v1"},
	"rbac.authorization.k8s.io/v1beta1/RoleBinding": {"minor": 22, "use": "rbac.authorization.k8s.io/v1"},
	"apiextensions.k8s.io/v1beta1/CustomResourceDefinition": {"minor": 22, "use": "apiextensions.k8s.io/v1"},
	"admissionregistration.k8s.io/v1beta1/ValidatingWebhookConfiguration": {"minor": 22, "use": "admissionregistration.k8s.io/v1"},
	"admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration": {"minor": 22, "use": "admissionregistration.k8s.io/v1"},
	"storage.k8s.io/v1beta1/StorageClass": {"minor": 22, "use": "storage.k8s.io/v1"},
	"storage.k8s.io/v1beta1/CSIDriver": {"minor": 22, "use": "storage.k8s.io/v1"},
	"storage.k8s.io/v1beta1/VolumeAttachment": {"minor": 22, "use": "storage.k8s.io/v1"},
	"storage.k8s.io/v1beta1/CSIStorageCapacity": {"minor": 27, "use": "storage.k8s.io/v1"},
	"scheduling.k8s.io/v1beta1/PriorityClass": {"minor": 22, "use": "scheduling.k8s.io/v1"},
	"apiregistration.k8s.io/v1beta1/APIService": {"minor": 22, "use": "apiregistration.k8s.io/v1"},
	"certificates.k8s.io/v1beta1/CertificateSigningRequest": {"minor": 22, "use": "certificates.k8s.io/v1"},
	"coordination.k8s.io/v1beta1/Lease": {"minor": 22, "use": "coordination.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1beta1/FlowSchema": {"minor": 26, "use": "flowcontrol.apiserver.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1beta2/FlowSchema": {"minor": 29, "use": "flowcontrol.apiserver.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1beta3/FlowSchema": {"minor": 32, "use": "flowcontrol.apiserver.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1beta1/PriorityLevelConfiguration": {"minor": 26, "use": "flowcontrol.apiserver.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1beta2/PriorityLevelConfiguration": {"minor": 29, "use": "flowcontrol.apiserver.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1beta3/PriorityLevelConfiguration": {"minor": 32, "use": "flowcontrol.apiserver.k8s.io/v1"},
}

findings contains {
	"message": sprintf("%s %s was removed in Kubernetes 1.%d; use %s", [input.resource.apiVersion, input.resource.kind, entry.minor, entry.use]),
	"pointer": "apiVersion",
	"details": {"api_version": input.resource.apiVersion, "replacement": entry.use},
} if {
	entry := removed[sprintf("%s/%s", [input.resource.apiVersion, input.resource.kind])]
	to_number(split(input.parameters.kubernetes_version, ".")[1]) >= entry.minor
}
