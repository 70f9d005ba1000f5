"""CI of GitHub, Gitea, Forgejo and GitLab: checks that no longer run, or no longer count.

Compared as parsed, so that comments, formatting, order of keys, and other versions of actions are no changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml

PATHS = r"^\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml$|^\.gitlab-ci\.ya?ml$"
"""The files that these forges run."""

_SIZE_LIMIT = 256 * 1024
_TRIGGERS = ("pull_request", "pull_request_target", "merge_group")
"""What makes a workflow a gate; one that runs after a push publishes or deploys."""
_VERSION = re.compile(r"\b(?:[0-9a-f]{40}|[0-9a-f]{64}|v?\d[\w.+-]*)|(?:^|[ \t]+)#.*$", re.MULTILINE)

_IDLE = frozenset(
    {
        "",
        "echo",
        "true",
        ":",
        "exit",
        "sleep",
        "printf",
        "date",
        "cd",
        "mkdir",
        "export",
        "cat",
        "cp",
        "mv",
        "chmod",
    }
    | {
        "git",
        "curl",
        "wget",
        "tar",
        "unzip",
        "apt",
        "apt-get",
        "apk",
        "brew",
        "nix",
        "mise",
        "aqua",
        "asdf",
        "sudo",
    }
    | {
        "{",
        "[",
        "[[",
        "if",
        "for",
        "while",
        "read",
        "source",
        ".",
        "eval",
        "ls",
        "find",
        "sed",
        "awk",
        "sort",
        "head",
    }
    | {
        "id",
        "env",
        "whoami",
        "hostname",
        "uname",
        "jo",
        "jq",
        "yq",
        "gh",
        "touch",
        "rm",
        "ln",
        "tee",
        "xargs",
    }
)
"""Programs that check nothing: a check that was replaced by one of them is gone, and none is when they go."""

_PREPARES = re.compile(
    r"(?:^|/)(?:checkout|cache|(?:setup|install)-[\w-]+|[\w-]+-(?:setup|installer?|action-setup)|mise-action"
    r"|(?:up|down)load-artifact|[\w-]*push[\w-]*|[\w-]*label(?:er|s|-sync|-pr)?[\w-]*|create-[\w-]+|github-script"
    r"|[\w-]*(?:changed-files|paths-filter|app-token|comment[\w-]*|cache[\w-]*))$"
)
"""Actions that prepare, publish, sort or tell."""

_NO_JOBS = frozenset(
    {
        "stages",
        "variables",
        "default",
        "include",
        "workflow",
        "image",
        "services",
        "cache",
        "before_script",
        "after_script",
    }
)


class UnreadableError(ValueError):
    """The file cannot be read as YAML within the limits."""


def loosened(old: str | None, new: str | None) -> list[str]:
    """What no longer guards, in words. Raises UnreadableError where a version cannot be read."""
    if old is None or _is_no_gate(old) or (new is not None and _only_versions_differ(old, new)):
        return []
    before = _read(old)
    if new is None:
        jobs = sorted(name for name, job in _jobs(before).items() if _steps(job))
        return [f"the workflow with {', '.join(jobs)} is gone"] if jobs and _guards(before) else []
    after = _read(new)
    if not _guards(before):
        return []
    found = [
        f"it does not run on {name} any more"
        for name in _TRIGGERS
        if name in _on(before) and name not in _on(after)
    ]
    old_jobs, new_jobs = _jobs(before), _jobs(after)
    same_steps = [_steps(job) for name, job in new_jobs.items() if name not in old_jobs]
    for name, job in old_jobs.items():
        if name in new_jobs:
            found += [f"{what} in {name}" for what in _job_loosened(job, new_jobs[name])]
        elif _steps(job) and _steps(job) not in same_steps:  # a job under another name is the same job
            found.append(f"the job {name} is gone")
    if _permissions(after) == "write-all" and _permissions(before) != "write-all":
        found.append("every token may write everything")
    return found


def _job_loosened(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = _steps(old), _steps(new)
    # A step in another's place may do the same by other means; fewer steps do less.
    if after.total() < before.total():
        for step in before - after:
            yield f"the step {step!r} is gone"
    for key, words in (
        ("continue-on-error", "failures do not count"),
        ("allow_failure", "failures do not count"),
    ):
        if _is_true(new.get(key)) and not _is_true(old.get(key)):
            yield words
    if _is_never(new.get("if")) and not _is_never(old.get("if")):
        yield "it is switched off"
    if new.get("when") in ("never", "manual") and old.get("when") not in ("never", "manual"):
        yield f"it runs {'only by hand' if new['when'] == 'manual' else 'never'}"
    tolerated = Counter(
        _step_name(step) for step in _list(new.get("steps")) if _is_true(step.get("continue-on-error"))
    )
    tolerated -= Counter(
        _step_name(step) for step in _list(old.get("steps")) if _is_true(step.get("continue-on-error"))
    )
    for name in tolerated:
        yield f"failures of {name!r} do not count"


def _steps(job: Mapping[str, Any]) -> Counter[str]:
    """What the job does, by the names of its steps; GitLab's script is one step a line's first word."""
    steps = Counter(_step_name(step) for step in _list(job.get("steps")) if not _is_never(step.get("if")))
    for name in [name for name in steps if _checks_nothing(name)]:
        del steps[name]
    script = job.get("script")
    lines = [script] if isinstance(script, str) else [line for line in script or () if isinstance(line, str)]
    steps.update(words for line in lines if not _checks_nothing(words := _first_words(line)))
    if isinstance(job.get("uses"), str):
        steps[_without_version(job["uses"])] += 1
    return steps


def _checks_nothing(step: str) -> bool:
    if step.startswith("git diff"):
        return False  # `git diff --exit-code` is how generated files are checked
    return step.partition(" ")[0] in _IDLE or bool(_PREPARES.search(step))


def _step_name(step: Mapping[str, Any]) -> str:
    """An action without its version, else the program that is run first; not `name`, which is only text."""
    if isinstance(step.get("uses"), str):
        return _without_version(step["uses"])
    run = step.get("run")
    return _first_words(run) if isinstance(run, str) else ""


def _first_words(command: str) -> str:
    lines = [
        line.strip()
        for line in command.splitlines()
        if line.strip() and not line.strip().startswith(("#", "set "))
    ]
    return " ".join(lines[0].split()[:2]) if lines else ""


def _is_no_gate(text: str) -> bool:
    """Said without parsing: a workflow of GitHub's that names nothing which runs before something lands."""
    return "jobs:" in text and not any(trigger in text for trigger in _TRIGGERS)


def _only_versions_differ(old: str, new: str) -> bool:
    """True where every line is the same but for versions: most changes are such, and end here without parsing."""
    before, after = old.splitlines(), new.splitlines()
    return len(before) == len(after) and all(
        one == other or _VERSION.sub("", one) == _VERSION.sub("", other)
        for one, other in zip(before, after, strict=True)
    )


def _without_version(action: str) -> str:
    return action.partition("@")[0]


def _guards(workflow: Mapping[str, Any]) -> bool:
    """True where it runs before something lands. GitLab's always may."""
    return "jobs" not in workflow or not _on(workflow).isdisjoint(_TRIGGERS)


def _on(workflow: Mapping[str, Any]) -> set[str]:
    value = workflow.get("on", workflow.get(True))  # type: ignore[call-overload]  # YAML 1.1 reads `on` as true
    if isinstance(value, str):
        return {value}
    return {name for name in value if isinstance(name, str)} if isinstance(value, list | Mapping) else set()


def _jobs(workflow: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    if "jobs" in workflow:
        jobs = workflow["jobs"]
        return (
            {str(name): job for name, job in jobs.items() if isinstance(job, Mapping)}
            if isinstance(jobs, Mapping)
            else {}
        )
    return {
        str(name): job
        for name, job in workflow.items()
        if isinstance(job, Mapping) and name not in _NO_JOBS and not str(name).startswith(".")
    }


def _permissions(workflow: Mapping[str, Any]) -> str:
    value = workflow.get("permissions")
    return value if isinstance(value, str) else ""


def _is_true(value: Any) -> bool:
    return value is True or (isinstance(value, Mapping) and bool(value))


def _is_never(value: Any) -> bool:
    return value is False or (isinstance(value, str) and re.sub(r"[\s${}]", "", value) == "false")


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [step for step in value if isinstance(step, Mapping)] if isinstance(value, list) else []


@lru_cache(maxsize=64)
def _read(text: str) -> Mapping[Any, Any]:
    if len(text) > _SIZE_LIMIT:
        raise UnreadableError(f"it is longer than {_SIZE_LIMIT} characters")
    try:
        value = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableError("it is no YAML") from error
    return value if isinstance(value, Mapping) else {}
