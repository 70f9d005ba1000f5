# What the policies beside this file share.
package main

workload_kinds := {"Deployment", "StatefulSet", "DaemonSet", "Job"}

pod_spec := input.spec.template.spec if input.kind in workload_kinds

pod_spec := input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

pod_spec := input.spec if input.kind == "Pod"

containers contains container if some container in pod_spec.containers

containers contains container if some container in pod_spec.initContainers

named := sprintf("%s %s", [input.kind, input.metadata.name])
