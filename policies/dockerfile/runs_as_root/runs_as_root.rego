# METADATA
# title: "The image runs as root"
# description: >-
#   Its last stage sets no user, or root. Unless the base image sets one, what breaks out of the
#   process is root in the container. Bases that are known to run as another user (`nonroot` or
#   `unprivileged` in their name, Chainguard's) are left out.
# related_resources:
#   - ref: https://docs.docker.com/reference/dockerfile/#user
# custom:
#   id: AUD-DOCK-0003
#   severity: medium
#   kinds:
#     - docker/Dockerfile
#   remediation: >-
#     End with `USER` and a number other than 0.
#   reads:
#     - final
#   since: 0.1.0
package auditor.dockerfile.runs_as_root

findings contains {
	"message": sprintf("the image runs as %s", [input.resource.final.user]),
	"pointer": "final.user",
	"details": {"user": input.resource.final.user},
} if {
	regex.match(`^(root|0)(:|$)`, input.resource.final.user)
}

findings contains {
	"message": sprintf("no USER is set, so the image runs as root unless its base %s says otherwise", [input.resource.final.image]),
	"pointer": "final",
	"details": {"image": input.resource.final.image},
} if {
	is_string(input.resource.final.image)
	object.get(input.resource.final, "user", "") == ""
	not runs_as_another
}

runs_as_another if {
	some part in ["nonroot", "non-root", "unprivileged", "rootless", "cgr.dev/chainguard/"]
	contains(input.resource.final.image, part)
}
