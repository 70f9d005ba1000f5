"""What a rule's source reads of its input, as far as reading the source can tell: for the lint of `custom.reads`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.policy.metadata import RuleMetadata
from auditor.policy.reads import Projection, TextProjection, projection_for
from auditor.policy.source import without_comments

_EVERY_FIELD = re.compile(r"\bin\s+$")
_PATH = r"""(?P<path>(?:\.\w+|\["[^"]*"\]|\[\w+\])*)"""
_RESOURCE = re.compile(r"(?<![\w.])input\.resource(?!\w)" + _PATH)
_POD = re.compile(
    r"(?<![\w.])workload\.(?P<part>pod_metadata|pod|containers|long_running|volumes)(?!\w)" + _PATH
)
_STEP = re.compile(r"""\.(?P<field>\w+)|\["(?P<quoted>[^"]*)"\]|\[(?P<variable>\w+)\]""")
_DEFAULTED = re.compile(r"""object\.get\($""")
_KEY = re.compile(r"""\s*,\s*(?:"(?P<one>[^"]*)"|\[(?P<many>[^\]]*)\])""")
_WHOLE_USE = re.compile(r"(?:walk|json\.marshal|count|object\.keys)\($")


def unread_references(text: str, metadata: RuleMetadata) -> Iterator[tuple[int, str]]:
    """(line, reference) of what the source reads and `reads` does not name; nothing where it reads everything.

    References through a variable are followed as far as the variable.
    """
    # A workload's place differs by kind, the fields below it do not: any kind shows what is missing.
    projection = projection_for(metadata.reads, "Deployment", metadata.contains)
    if projection is None or isinstance(projection, TextProjection):
        return
    for number, line in enumerate(without_comments(text).splitlines(), start=1):
        for found in _RESOURCE.finditer(line):
            if not _covered(projection, _steps(found["path"]), line, found):
                yield number, found[0]
        for found in _POD.finditer(line):
            if not _covered(projection, [*_place(found["part"]), *_steps(found["path"])], line, found):
                yield number, found[0]


def _covered(projection: Projection, steps: list[str | None], line: str, found: re.Match[str]) -> bool:
    before, after = line[: found.start()], line[found.end() :]
    if _DEFAULTED.search(before):
        key = _KEY.match(after)
        if key is not None:
            names = [key["one"]] if key["one"] is not None else re.findall(r'"([^"]*)"|(\w+)', key["many"])
            steps = [*steps, *(name if isinstance(name, str) else name[0] or None for name in names)]
    covered = projection.covers(steps)
    if covered is None and (_WHOLE_USE.search(before) or (not steps and _EVERY_FIELD.search(before))):
        return False
    return covered is not False


def _steps(path: str) -> list[str | None]:
    return [found["field"] or found["quoted"] for found in _STEP.finditer(path)]


def _place(part: str) -> list[str | None]:
    if part == "pod_metadata":
        return ["spec", "template", "metadata"]
    pod: list[str | None] = ["spec", "template", "spec"]
    return {"pod": pod, "volumes": [*pod, "volumes"]}.get(part, [*pod, "containers"])
