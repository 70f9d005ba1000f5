"""Dockerfiles as documents: stages with what each sets, adds and runs, and what the image runs as in the end.

    args        the global ARGs' defaults, null for those that have none
    stages[]    name (AS), image (FROM, with the ARGs' defaults filled in), platform, user (the last USER),
                env, args and labels by name, add and copy (sources, destination, flags), run, expose and the
                others as lists of texts
    final       the last stage: the image at the root of its stages, and the user it runs as, if one is set

A stage that has a name is pointed at by it: `stages[name=build].run[2]`. Variables that nothing in the file
gives a value stay as `${NAME}`. Lines are put together as BuildKit does: the escape directive, comments
between continued lines, here-documents.

The language: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re
from typing import Any

from auditor.manifests.credentials import secret_name
from auditor.manifests.dockerlines import Instruction, LineError, instructions_of
from auditor.manifests.dockerwords import filled, flags_of, json_words, pairs_of
from auditor.manifests.interface import SourceText
from auditor.manifests.marks import Node
from auditor.manifests.secrets import Redactor
from auditor.manifests.shell_secrets import without_assigned_secrets
from auditor.manifests.sourcenames import is_dockerfile_name
from auditor.model import JsonObject, Problem

API_VERSION = "docker/v1"
MOST_BYTES = 512 * 1024
_KEYWORDS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"}
    | {"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
_COMMANDS = ("run", "cmd", "entrypoint", "healthcheck", "onbuild")
_TEMPLATE = re.compile(rb"\{\{|\{%|<%")


class DockerfileFormat:
    """`Dockerfile`, `Containerfile`, and these with something before or after: `Dockerfile.dev`, `web.Dockerfile`."""

    name = "dockerfile"

    def is_named(self, path: str) -> bool:
        """As `SourceFormat.is_named`."""
        return is_dockerfile_name(path)

    def read(self, content: bytes, path: str) -> SourceText:
        """As `SourceFormat.read`."""
        if len(content) > MOST_BYTES:
            return _refused("limit", f"the file is larger than {MOST_BYTES} bytes")
        try:
            text = content.decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return _refused("not-utf8", "the file is not UTF-8", line)
        try:
            instructions = instructions_of(text)
            unknown = next((one for one in instructions if one.keyword not in _KEYWORDS), None)
            if unknown is not None:
                raise LineError(
                    "this line does not begin with an instruction that Dockerfiles have", unknown.line
                )
            if not instructions:
                return SourceText()
            return SourceText(roots=(_Reader(path).read(instructions),))
        except LineError as error:
            code = "template" if _TEMPLATE.search(content) else "syntax"
            return _refused(code, error.message, error.line)

    def redact(self, manifest: JsonObject, redactor: Redactor) -> dict[str, Any]:
        """As `SourceFormat.redact`: variables by their names, in commands too, everything else by its shape."""
        redacted = redactor.redact(manifest, strict=True)
        stages = [
            {
                key: [without_assigned_secrets(command, redactor) for command in value]
                if key in _COMMANDS
                else value
                for key, value in stage.items()
            }
            for stage in redacted["stages"]
        ]
        return {**redacted, "stages": stages}


class _Reader:
    """Builds the document of one file, instruction by instruction."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.globals: dict[str, str] = {}
        self.known: dict[str, str] = {}
        self.environments: list[dict[str, str]] = []
        self.args = _mapping(1)
        self.stages: list[Node] = []
        self.ends: list[tuple[str, Node | None]] = []
        self.names: dict[str, int] = {}

    def read(self, instructions: list[Instruction]) -> Node:
        for instruction in instructions:
            if instruction.keyword == "FROM":
                self._from(instruction)
            elif self.stages:
                self._in_stage(instruction)
            elif instruction.keyword == "ARG":
                self._variables(instruction, self.args, self.globals)
            else:
                raise LineError(f"{instruction.keyword} comes before FROM", instruction.line)
        if not self.stages:
            raise LineError("there is no FROM", instructions[-1].line)
        first = instructions[0].line
        root = _mapping(first)
        _add(root, "apiVersion", _scalar(first, API_VERSION))
        _add(root, "kind", _scalar(first, "Dockerfile"))
        metadata = _mapping(first)
        _add(metadata, "name", _scalar(first, self.path))
        _add(root, "metadata", metadata)
        if self.args.entries:
            _add(root, "args", self.args)
        stages = Node(sort="sequence", line=self.stages[0].line, column=1, start=0, end=0, items=self.stages)
        _add(root, "stages", stages)
        _add(root, "final", self._final())
        return root

    def _from(self, instruction: Instruction) -> None:
        flags, rest = flags_of(instruction.value)
        words = rest.split()
        if len(words) not in (1, 3) or (len(words) == 3 and words[1].upper() != "AS"):
            raise LineError("FROM takes an image, and AS with a name", instruction.line)
        line = instruction.line
        stage = _mapping(line)
        if len(words) == 3:
            _add(stage, "name", _scalar(line, words[2].lower()))
        image = filled(words[0], self.globals)
        earlier = self.names.get(image.lower())
        _add(stage, "image", _scalar(line, image if earlier is None else image.lower()))
        if earlier is not None:
            _add(stage, "fromStage", _scalar(line, True))
        if "platform" in flags:
            _add(stage, "platform", _scalar(line, filled(flags["platform"], self.globals)))
        self.ends.append((image, None) if earlier is None else self.ends[earlier])
        if len(words) == 3:
            self.names.setdefault(words[2].lower(), len(self.stages))
        self.stages.append(stage)
        # ENV reaches the stages that build on this one, ARG does not.
        self.environments.append({} if earlier is None else dict(self.environments[earlier]))
        self.known = dict(self.environments[-1])

    def _in_stage(self, instruction: Instruction) -> None:
        stage, line = self.stages[-1], instruction.line
        key = instruction.keyword.lower()
        if key in ("env", "arg", "label"):
            names = "args" if key == "arg" else "labels" if key == "label" else "env"
            self._variables(instruction, _below(stage, names, line), self.known)
        elif key == "user":
            user = _scalar(line, filled(instruction.value.strip(), self.known))
            _add(stage, "user", user)
            self.ends[-1] = self.ends[-1][0], user
        elif key in ("add", "copy"):
            _list(stage, key, line).items.append(self._copied(instruction))
        else:
            values = instruction.value.split() if key == "expose" else [instruction.value]
            _list(stage, key, line).items.extend(_scalar(line, value) for value in values)

    def _variables(self, instruction: Instruction, into: Node, known: dict[str, str]) -> None:
        """`NAME=value …`, or the older `NAME value`; ARG also takes a name alone, which has no value here."""
        # One instruction's values are filled with what was known before it. Of a name given twice the last counts.
        values = [
            (name, None if value is None else filled(value, known)) for name, value in pairs_of(instruction)
        ]
        for name, value in values:
            if value is None:
                if name in self.globals:
                    known[name] = self.globals[name]
                elif name not in known:
                    _add(into, name, _scalar(instruction.line, None))
                continue
            # The value of what is named as a secret goes nowhere else, where its name would not tell.
            if instruction.keyword != "LABEL" and not secret_name(name):
                known[name] = value
                if instruction.keyword == "ENV":
                    self.environments[-1][name] = value
            _add(into, name, _scalar(instruction.line, value))

    def _copied(self, instruction: Instruction) -> Node:
        flags, rest = flags_of(instruction.value)
        words = json_words(rest) or rest.split("\n")[0].split()
        if len(words) < 2:
            raise LineError(f"{instruction.keyword} takes sources and a destination", instruction.line)
        line = instruction.line
        node = _mapping(line)
        sources = Node(sort="sequence", line=line, column=1, start=0, end=0)
        sources.items = [_scalar(line, filled(word, self.known)) for word in words[:-1]]
        _add(node, "sources", sources)
        _add(node, "destination", _scalar(line, filled(words[-1], self.known)))
        for name, value in flags.items():
            _add(node, name, _scalar(line, value))
        return node

    def _final(self) -> Node:
        image, user = self.ends[-1]
        node = _mapping(self.stages[-1].line)
        _add(node, "image", _scalar(node.line, image))
        if user is not None:
            _add(node, "user", user)
        return node


def _mapping(line: int) -> Node:
    return Node(sort="mapping", line=line, column=1, start=0, end=0)


def _scalar(line: int, value: Any) -> Node:
    return Node(sort="scalar", line=line, column=1, start=0, end=0, value=value)


def _add(node: Node, name: str, value: Node) -> None:
    node.entries.append((name, value, value))


def _below(node: Node, name: str, line: int) -> Node:
    found = node.get(name)
    if found is None:
        _add(node, name, _mapping(line))
        return node.entries[-1][2]
    return found[1]


def _list(node: Node, name: str, line: int) -> Node:
    found = node.get(name)
    if found is None:
        _add(node, name, Node(sort="sequence", line=line, column=1, start=0, end=0))
        return node.entries[-1][2]
    return found[1]


def _refused(code: str, message: str, line: int = 1) -> SourceText:
    return SourceText(problems=(Problem(code=code, message=message, line=line, column=1, document=0),))
