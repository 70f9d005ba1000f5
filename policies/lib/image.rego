# Image references by the grammar of the container runtimes:
# https://github.com/distribution/reference (reference.go, normalize.go).
#
#   reference := [host [":" port] "/"] path [":" tag] ["@" digest]
#
# The first segment is a host only where it holds "." or ":", is "localhost", or has upper case, which a path
# cannot have. Otherwise the image is on docker.io, there under library/ where its path is one segment.
package auditor.lib.image

import data.auditor.lib.text

# {"registry", "repository", "tag", "digest"}: the registry with its port; tag and digest "" where there is none.
# Undefined for placeholders, for what is no text, and for what breaks the grammar (see is_broken).
parse(image) := {
	"registry": registry(segments),
	"repository": repository(segments),
	"tag": tag_of(named),
	"digest": digest_of(image),
} if {
	text.is_known(image)
	is_grammatical(image)
	halves := split(image, "@")
	named := halves[0]
	segments := split(without_tag(named), "/")
}

# A text that is meant as a reference, without variables, and that no runtime can read.
is_broken(image) if {
	text.is_known(image)
	image != ""
	not is_grammatical(image)
}

# Tags that are made to be moved: what runs is whatever was pushed last.
moving_tags := {
	"latest", "main", "master", "trunk", "edge", "nightly", "dev", "develop", "devel", "canary",
	"rolling", "unstable", "snapshot", "stable",
}

# No tag is the tag `latest`.
moves(parsed) if {
	parsed.digest == ""
	parsed.tag == ""
}

moves(parsed) if {
	parsed.digest == ""
	lower(parsed.tag) in moving_tags
}

host := `(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])`

path := `[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*`

# Of the digests that the grammar allows the runtimes know these algorithms, each with its length.
reference_pattern := concat("", [
	`^(?:(?:`, host, `(?:\.`, host, `)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?/)?`,
	path, `(?:/`, path, `)*`,
	`(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?`,
	`(?:@(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$`,
])

is_grammatical(image) if {
	regex.match(reference_pattern, image)

	# 64 hex digits alone are the id of an image, not a name.
	not regex.match(`^[a-f0-9]{64}$`, image)
}

# A port stands before a slash, so a colon in the last segment is the tag's.
without_tag(named) := trim_suffix(named, sprintf(":%s", [tag_of(named)]))

tag_of(named) := text.plain(pieces[1]) if {
	pieces := last_pieces(named)
	count(pieces) == 2
}

tag_of(named) := text.plain("") if count(last_pieces(named)) == 1

last_pieces(named) := split(segments[last], ":") if {
	segments := split(named, "/")
	last := count(segments) - 1
}

digest_of(image) := text.plain(halves[1]) if {
	contains(image, "@")
	halves := split(image, "@")
}

digest_of(image) := text.plain("") if not contains(image, "@")

registry(segments) := text.plain(segments[0]) if {
	names_host(segments)
	segments[0] != "index.docker.io"
}

registry(segments) := text.plain("docker.io") if segments[0] == "index.docker.io"

registry(segments) := text.plain("docker.io") if not names_host(segments)

names_host(segments) if {
	count(segments) > 1
	is_host(segments[0])
}

is_host(first) if contains(first, ".")

is_host(first) if contains(first, ":")

is_host(first) if first == "localhost"

is_host(first) if lower(first) != first

repository(segments) := official(path_segments(segments)) if on_docker_hub(segments)

repository(segments) := text.plain(concat("/", path_segments(segments))) if not on_docker_hub(segments)

on_docker_hub(segments) if not names_host(segments)

on_docker_hub(segments) if segments[0] in {"docker.io", "index.docker.io"}

path_segments(segments) := array.slice(segments, 1, count(segments)) if names_host(segments)

path_segments(segments) := segments if not names_host(segments)

official(path_of_image) := sprintf("library/%s", path_of_image) if count(path_of_image) == 1

official(path_of_image) := text.plain(concat("/", path_of_image)) if count(path_of_image) > 1
