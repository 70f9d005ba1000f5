"""Names of files that are no manifests and are read all the same: Terraform's, Dockerfiles, CI pipelines."""

from __future__ import annotations

import re

_TERRAFORM = (".tf", ".tf.json", ".tfvars")
_FOLDERS_OF_COPIES = re.compile(r"(?:^|/)\.(?:terraform|terragrunt-cache)/")
_PLAN = re.compile(r"(?:^|/)(?:[^/]*[._-])?(?:tf|terraform)?-?plan\.json\Z")
_CI_MARKS = (".github/", ".gitea/", ".forgejo/", ".gitlab")
_CI = {
    # At any depth: a tree may be given as a folder of another.
    "GitHubWorkflow": re.compile(r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml\Z"),
    "GitHubAction": re.compile(r"(?:^|/)\.(?:github|gitea|forgejo)/actions/(?:.+/)?action\.ya?ml\Z"),
    "GitLabPipeline": re.compile(r"(?:^|/)(?:[^/]*\.gitlab-ci\.ya?ml|\.gitlab/(?:.+/)?[^/]+\.ya?ml)\Z"),
}
_DOCKERFILE = re.compile(
    r"(?:^\"?|/)(?:(?:[Dd]ocker|[Cc]ontainer)file(?:\.[^/]+)?|[^/]+\.(?:[Dd]ocker|[Cc]ontainer)file)\Z"
)
_NO_DOCKERFILE = re.compile(
    r"\.(?:dockerignore|containerignore|md|txt|in|j2|jinja2?|tpl|tmpl|gotmpl|template|erb|mustache|ya?ml|json)\Z"
)


def is_terraform_name(path: str) -> bool:
    """True for `*.tf`, `*.tf.json` and `*.tfvars`, but for what `terraform init` copied."""
    # git puts names that are no UTF-8 in quotes.
    return path.removesuffix('"').endswith(_TERRAFORM) and _FOLDERS_OF_COPIES.search(path) is None


def is_dockerfile_name(path: str) -> bool:
    """True for Dockerfiles and Containerfiles with something before or after, but for templates and texts."""
    name = path.removesuffix('"')
    return "file" in name and _DOCKERFILE.search(name) is not None and _NO_DOCKERFILE.search(name) is None


def is_plan_name(path: str) -> bool:
    """True for what people call the JSON of a plan: `plan.json`, `tfplan.json`, `prod.tfplan.json`, `prod-plan.json`."""
    return path.endswith(".json") and _PLAN.search(path) is not None


def ci_kind(path: str) -> str:
    """'GitHubWorkflow', 'GitHubAction' or 'GitLabPipeline' for what CI reads by that name, '' for other files."""
    if not any(mark in path for mark in _CI_MARKS):
        return ""
    name = path.removesuffix('"').removeprefix('"')
    return next((kind for kind, pattern in _CI.items() if pattern.search(name)), "")


def is_source_name(path: str) -> bool:
    """True where one of them reads the file."""
    return is_terraform_name(path) or is_dockerfile_name(path) or ci_kind(path) != "" or is_plan_name(path)
