# METADATA
# title: "Runs of a CronJob may pile up"
# description: >-
#   With concurrencyPolicy Allow, which is the default, a run that hangs is joined by the next
#   one, and the next, and nothing ends them.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy
# custom:
#   id: AUD-WORK-0004
#   severity: low
#   kinds:
#     - batch/CronJob
#   remediation: >-
#     Set `concurrencyPolicy: Forbid` (or Replace), or `jobTemplate.spec.activeDeadlineSeconds`.
#   reads:
#     - spec.concurrencyPolicy
#     - spec.jobTemplate.spec.activeDeadlineSeconds
#     - spec.jobTemplate.spec.template.spec.activeDeadlineSeconds
#   since: 0.1.0
package auditor.workloads.cron_job_overlaps

findings contains {
	"message": "a run that hangs is joined by the next: concurrencyPolicy is Allow and no run has a deadline",
	"pointer": "spec.concurrencyPolicy",
	"details": {},
} if {
	is_object(input.resource.spec)
	object.get(input.resource.spec, "concurrencyPolicy", "Allow") == "Allow"
	object.get(input.resource.spec, ["jobTemplate", "spec", "activeDeadlineSeconds"], null) == null
	object.get(input.resource.spec, ["jobTemplate", "spec", "template", "spec", "activeDeadlineSeconds"], null) == null
}
