# METADATA
# title: "A CronJob never runs"
# description: >-
#   The schedule is none that the API server takes (five fields, or @hourly and the like; 0 to 6
#   for days of the week; no `TZ=`, which is `timeZone`), or `startingDeadlineSeconds` is under
#   the 10 seconds in which the controller looks.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
# custom:
#   id: AUD-WORK-0005
#   severity: high
#   kinds:
#     - batch/CronJob
#   remediation: >-
#     Correct the schedule; leave `startingDeadlineSeconds` out or make it minutes.
#   reads:
#     - spec.schedule
#     - spec.startingDeadlineSeconds
#   since: 0.1.0
package auditor.workloads.cron_job_never_runs

import data.auditor.lib.text

findings contains {
	"message": sprintf("%s is no schedule", [text.quoted(schedule)]),
	"pointer": "spec.schedule",
	"details": {"schedule": schedule},
} if {
	schedule := input.resource.spec.schedule
	text.is_known(schedule)
	not regex.match(form, upper(schedule))
}

findings contains {
	"message": sprintf("it starts only when it is noticed within %d s, and is looked for every 10 s", [seconds]),
	"pointer": "spec.startingDeadlineSeconds",
	"details": {"seconds": seconds},
} if {
	seconds := input.resource.spec.startingDeadlineSeconds
	is_number(seconds)
	seconds < 10
}

form := concat("", [
	`^\s*(@(YEARLY|ANNUALLY|MONTHLY|WEEKLY|DAILY|MIDNIGHT|HOURLY)|@EVERY [0-9HMSUN.]+|`,
	field(`[0-5]?[0-9]`), `\s+`,
	field(`([01]?[0-9]|2[0-3])`), `\s+`,
	field(`(0?[1-9]|[12][0-9]|3[01])`), `\s+`,
	field(`(0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)`), `\s+`,
	field(`(0?[0-6]|SUN|MON|TUE|WED|THU|FRI|SAT)`),
	`)\s*$`,
])

# Steps and ranges of one unit, several with commas.
field(unit) := sprintf(`(%s)(,(%s))*`, [part, part]) if {
	part := sprintf(`([*?]|%s(-%s)?)(/[0-9]+)?`, [text.plain(unit), text.plain(unit)])
}
