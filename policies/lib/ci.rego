# What pipelines of CI run: GitHub's workflows and actions, GitLab's pipelines (`body` of the document).
package auditor.lib.ci

import data.auditor.lib.text

# Every step of a workflow or an action: {"value", "job", "pointer"}.
steps contains {"value": step, "job": job.name, "pointer": sprintf("%s.steps%s", [job.pointer, text.entry_key(index, step)])} if {
	some job in jobs
	some index, step in job.value.steps
	is_object(step)
}

# Every job: {"value", "name", "pointer"}. What an action runs counts as one.
jobs contains {"value": job, "name": name, "pointer": sprintf("body.jobs%s", [text.field_key(name)])} if {
	input.resource.kind == "GitHubWorkflow"
	some name, job in input.resource.body.jobs
	is_object(job)
}

jobs contains {"value": input.resource.body.runs, "name": "runs", "pointer": "body.runs"} if {
	input.resource.kind == "GitHubAction"
	is_object(input.resource.body.runs)
}

jobs contains {"value": job, "name": name, "pointer": sprintf("body%s", [text.field_key(name)])} if {
	input.resource.kind == "GitLabPipeline"
	some name, job in input.resource.body
	is_object(job)
}

# Every script: {"text", "job", "pointer"}.
scripts contains {"text": step.value.run, "job": step.job, "pointer": sprintf("%s.run", [step.pointer])} if {
	some step in steps
	is_string(step.value.run)
}

scripts contains {"text": line, "job": job.name, "pointer": sprintf("%s.%s[%d]", [job.pointer, field, index])} if {
	input.resource.kind == "GitLabPipeline"
	some job in jobs
	some field in script_fields
	some index, line in job.value[field]
	is_string(line)
}

scripts contains {"text": job.value[field], "job": job.name, "pointer": sprintf("%s.%s", [job.pointer, field])} if {
	input.resource.kind == "GitLabPipeline"
	some job in jobs
	some field in script_fields
	is_string(job.value[field])
}

# The lists at the top of a GitLab pipeline hold for every job.
scripts contains {"text": line, "job": "", "pointer": sprintf("body.%s[%d]", [field, index])} if {
	input.resource.kind == "GitLabPipeline"
	some field in script_fields
	some index, line in input.resource.body[field]
	is_string(line)
}

script_fields := ["before_script", "script", "after_script"]

# Every line of every script that is no comment: {"text", "job", "pointer"}.
lines contains {"text": line, "job": script.job, "pointer": script.pointer} if {
	some script in scripts
	some part in split(script.text, "\n")
	line := trim_space(part)
	startswith(line, "#") == false
}

# The events that start a workflow, whichever way they are written.
events contains event if {
	event := input.resource.body.on
	is_string(event)
}

events contains event if {
	some event in input.resource.body.on
	is_array(input.resource.body.on)
}

events contains event if {
	is_object(input.resource.body.on)
	some event in object.keys(input.resource.body.on)
}

# Jobs that make a cluster of their own: what is applied to it is a test.
testing_jobs contains line.job if {
	some line in lines
	regex.match(`(^|[^A-Za-z0-9_-])(kind create cluster|k3d cluster create|minikube start|k3s server|vcluster create|ctlptl create)`, line.text)
}

testing_jobs contains step.job if {
	some step in steps
	regex.match(`^(helm/kind-action|engineerd/setup-kind|medyagh/setup-minikube|AbsaOSS/k3d-action|nolar/setup-k3d-k3s)@`, step.value.uses)
}
