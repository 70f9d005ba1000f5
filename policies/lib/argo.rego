# Argo CD's applications: an Application itself, and what an ApplicationSet makes its applications from.
package auditor.lib.argo

# {"spec", "pointer"} of the application that the resource is or templates.
applications contains {"spec": input.resource.spec, "pointer": "spec"} if {
	input.resource.kind == "Application"
	is_object(input.resource.spec)
}

applications contains {"spec": input.resource.spec.template.spec, "pointer": "spec.template.spec"} if {
	input.resource.kind == "ApplicationSet"
	is_object(input.resource.spec.template.spec)
}

# {"value", "pointer"} of every source of it.
sources contains {"value": application.spec.source, "pointer": sprintf("%s.source", [application.pointer])} if {
	some application in applications
	is_object(application.spec.source)
}

sources contains {"value": source, "pointer": sprintf("%s.sources[%d]", [application.pointer, index])} if {
	some application in applications
	some index, source in application.spec.sources
	is_object(source)
}
