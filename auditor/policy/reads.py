"""What a rule reads of a manifest (`custom.reads`), and the manifest cut down to that.

Most changes that land touch one field, and nearly every rule reads others. So a manifest is projected onto
what a group of rules reads, and the group is asked once for each different projection.

A path names fields from the manifest's root: `spec.url`, `metadata.labels["example.org/app"]`. `[]` is every
entry of a list or object. A path reads everything below it. What stands on the way to it is kept as an empty
object, so that a rule still sees that `spec` is one. `workload.pod`, `workload.pod_metadata` and
`workload.containers` are those of `lib/workload.rego`: the place depends on the kind. `**`, alone, is every
text that holds `custom.contains`, wherever it stands, with the names of the entries on the way to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.errors import PolicyError

Step = str | None
"""A field's name, or None for every entry."""

EVERYTHING: Mapping[Step, Any] = {}
"""The node below which all is read."""

TEXTS = "**"
"""The path that stands for every text that holds `custom.contains`."""

_STEP = re.compile(r"""\.?(?P<field>[A-Za-z_$][\w$-]*)|(?P<each>\[\])|\["(?P<quoted>[^"\\]+)"\]""")
_CONTAINER_FIELDS = ("containers", "initContainers", "ephemeralContainers")
_WORKLOAD_PARTS = ("containers", "pod", "pod_metadata")


def parse_path(text: str) -> tuple[Step, ...]:
    """The steps of one path. PolicyError where it is not written as the module says."""
    steps: list[Step] = []
    end = 0
    while end < len(text):
        found = _STEP.match(text, end)
        if found is None or (text[end] == ".") is not (found["field"] is not None and end > 0):
            raise _unreadable(text)
        steps.append(None if found["each"] else found["field"] or found["quoted"])
        end = found.end()
    if not steps or steps[0] is None:
        raise _unreadable(text)
    if steps[0] == "workload":
        _check_workload(text, steps)
    return tuple(steps)


def paths_for(
    reads: Iterable[str], kind: str, pod: tuple[str, ...] | None = None
) -> tuple[tuple[Step, ...], ...]:
    """The paths in a manifest of this kind ("Deployment", without the group), sorted; `kind` where it decides.

    `pod` is where the pod specification stands in a kind that is not Kubernetes' own. PolicyError as `parse_path`.
    """
    paths: set[tuple[Step, ...]] = set()
    for text in reads:
        steps = parse_path(text)
        if steps[0] == "workload":
            paths.add(("kind",))
            paths.update(_workload_paths(steps, pod or _pod_of(kind)))
        else:
            paths.add(steps)
    return tuple(sorted(paths, key=lambda path: [(step is None, step or "") for step in path]))


def projection_for(
    reads: tuple[str, ...], kind: str, contains: str = "", pod: tuple[str, ...] | None = None
) -> Projection | TextProjection | None:
    """What is shown of a manifest of this kind ("Deployment") to a rule that reads this; None for all of it.

    `pod` as in `paths_for`. PolicyError where `reads` is not written as the module says.
    """
    if not reads:
        return None
    if TEXTS in reads:
        if len(reads) > 1 or not contains:
            raise PolicyError(f"custom.reads: {TEXTS!r} stands alone, and with custom.contains")
        return TextProjection(contains)
    return Projection.onto(paths_for(reads, kind, pod))


@dataclass(frozen=True, slots=True)
class TextProjection:
    """What leads to the texts that hold `contains`. Entries of lists keep their places; others are null."""

    contains: str

    def of(self, manifest: Any) -> Any:
        """The part of the manifest that is read; {} where no text holds it."""
        kept = self._kept(manifest)
        return {} if kept is None else kept

    def _kept(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if self.contains in value else None
        if isinstance(value, list):
            entries = [self._kept(entry) for entry in value]
            return entries if any(entry is not None for entry in entries) else None
        if not isinstance(value, dict):
            return None
        fields = {name: kept for name, entry in value.items() if (kept := self._kept(entry)) is not None}
        # The pointer to an entry of a list is by its name.
        if fields and isinstance(value.get("name"), str):
            fields["name"] = value["name"]
        return fields or None


@dataclass(frozen=True, slots=True)
class Projection:
    """What some paths leave of a manifest. `root` maps each step to the node below it."""

    root: Mapping[Step, Any]

    @classmethod
    def onto(cls, paths: Iterable[tuple[Step, ...]]) -> Projection:
        """The projection onto these paths. PolicyError where one node has both fields and `[]`."""
        root: dict[Step, Any] = {}
        # The shorter path reads all below it, so it comes first and stops the longer one.
        for path in sorted(paths, key=len):
            node = root
            for number, step in enumerate(path):
                if number == len(path) - 1:
                    node[step] = EVERYTHING
                elif step in node and node[step] is EVERYTHING:
                    break
                else:
                    node = node.setdefault(step, {})
        _check_node(root)
        return cls(root)

    def of(self, manifest: Any) -> Any:
        """The part of the manifest that is read; parts below a path are shared with it, not copied."""
        return _project(manifest, self.root)

    def covers(self, steps: Iterable[str | None]) -> bool | None:
        """Whether a reference is read: True at or below a path, None on the way to one, False elsewhere."""
        node = self.root
        for step in steps:
            if node is EVERYTHING:
                return True
            if None in node:
                node = node[None]
            elif step is None:
                return None
            elif step in node:
                node = node[step]
            else:
                return False
        return True if node is EVERYTHING else None


def _project(value: Any, node: Mapping[Step, Any]) -> Any:
    if node is EVERYTHING:
        return value
    if None in node:
        below = node[None]
        if isinstance(value, list):
            return [_project(entry, below) for entry in value]
        if isinstance(value, dict):
            return {name: _project(entry, below) for name, entry in value.items()}
        return value
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, below in node.items():
        if name in value:
            entry = value[name]
            kept[name] = entry if below is EVERYTHING else _project(entry, below)
    return kept


def _check_node(node: Mapping[Step, Any]) -> None:
    if None in node and len(node) > 1:
        names = ", ".join(sorted(step for step in node if step is not None))
        raise PolicyError(f"custom.reads names both [] and {names} in one place", hint="use one of the two")
    for below in node.values():
        _check_node(below)


def _check_workload(text: str, steps: list[Step]) -> None:
    if len(steps) < 2 or steps[1] not in _WORKLOAD_PARTS:
        raise PolicyError(
            f"custom.reads: {text!r} names no part of a workload",
            hint=f"workload.{{{','.join(_WORKLOAD_PARTS)}}}",
        )
    if steps[1] == "containers" and len(steps) > 2 and steps[2] is not None:
        raise PolicyError(
            f"custom.reads: {text!r} has no [] after the list", hint="workload.containers[].image"
        )


def _pod_of(kind: str) -> tuple[str, ...]:
    # As in lib/workload.rego.
    if kind == "Pod":
        return ("spec",)
    if kind == "PodTemplate":
        return ("template", "spec")
    if kind == "CronJob":
        return ("spec", "jobTemplate", "spec", "template", "spec")
    return ("spec", "template", "spec")


def _workload_paths(steps: tuple[Step, ...], pod: tuple[str, ...]) -> Iterable[tuple[Step, ...]]:
    rest = steps[2:]
    if steps[1] == "pod_metadata":
        return [(*pod[:-1], "metadata", *rest)]
    if steps[1] == "pod":
        return [(*pod, *rest)]
    return [(*pod, field, *rest) for field in _CONTAINER_FIELDS]


def _unreadable(text: str) -> PolicyError:
    return PolicyError(
        f"custom.reads: {text!r} is no path",
        hint='like spec.url, spec.rules[].host, metadata.labels["example.org/app"], workload.containers[].image',
    )
