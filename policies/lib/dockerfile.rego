# A Dockerfile's stages, what they start from and what they run.
package auditor.lib.dockerfile

import data.auditor.lib.text

# Every stage: {"value", "pointer"}.
stages contains {"value": stage, "pointer": sprintf("stages%s", [text.entry_key(index, stage)])} if {
	some index, stage in input.resource.stages
	is_object(stage)
}

# What a stage starts from that is pulled: neither nothing (scratch) nor an earlier stage.
bases contains {"image": stage.value.image, "pointer": sprintf("%s.image", [stage.pointer])} if {
	some stage in stages
	object.get(stage.value, "fromStage", false) == false
	stage.value.image != "scratch"
}

# Every RUN's command.
commands contains {"value": command, "pointer": sprintf("%s.run[%d]", [stage.pointer, index])} if {
	some stage in stages
	some index, command in stage.value.run
}

# Where variables are set: the global ARGs, each stage's ARGs and ENVs.
variables contains {"value": input.resource.args, "pointer": "args"} if is_object(input.resource.args)

variables contains {"value": stage.value[field], "pointer": sprintf("%s.%s", [stage.pointer, field])} if {
	some stage in stages
	some field in ["args", "env"]
	is_object(stage.value[field])
}
