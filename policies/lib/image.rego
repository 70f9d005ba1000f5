# Image references, as the container runtimes read them:
# https://github.com/distribution/reference (registry with port, path, tag, digest).
package auditor.lib.image

import data.auditor.lib.text

# {"registry", "repository", "tag", "digest"}; tag and digest "" where there is none.
# Undefined for placeholders and for what is no text: those are not judged.
parse(image) := parts if {
	is_string(image)
	image != ""
	text.is_known(image)
	halves := split(image, "@")
	segments := split(halves[0], "/")
	last := segments[count(segments) - 1]
	pieces := split(last, ":")
	path := trim_suffix(halves[0], concat("", [last_tag(pieces)]))
	parts := {
		"registry": registry(segments),
		"repository": path,
		"tag": trim_prefix(last_tag(pieces), ":"),
		"digest": digest(halves),
	}
}

last_tag(pieces) := "" if count(pieces) < 2

last_tag(pieces) := concat("", [":", pieces[1]]) if count(pieces) >= 2

digest(halves) := "" if count(halves) < 2

digest(halves) := halves[1] if count(halves) >= 2

registry(segments) := segments[0] if names_a_host(segments)

registry(segments) := text.plain("docker.io") if not names_a_host(segments)

names_a_host(segments) if {
	count(segments) > 1
	contains(segments[0], ".")
}

names_a_host(segments) if {
	count(segments) > 1
	contains(segments[0], ":")
}

names_a_host(segments) if {
	count(segments) > 1
	segments[0] == "localhost"
}

# "registry/path" without tag and digest, the registry always written out.
full_name(parsed) := parsed.repository if startswith(parsed.repository, sprintf("%s/", [parsed.registry]))

full_name(parsed) := sprintf("%s/%s", [parsed.registry, parsed.repository]) if {
	startswith(parsed.repository, sprintf("%s/", [parsed.registry])) == false
}
