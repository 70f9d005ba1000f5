"""A file of waivers as texts with their lines. It comes from the audited repository, which may be hostile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml

BYTES_AT_MOST = 1024 * 1024
DEPTH_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that is wrong, and the line (from 1) on which."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class ReadMapping:
    """A mapping whose values are texts (as they are written), lists and mappings; and where its keys stand."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        """The key's line; the mapping's where it has no such key."""
        return self.lines.get(key, self.line)


class _RefusedError(Exception):
    """The file holds something that no waiver needs."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.mistake = Mistake(line, message)


def read_mapping(content: bytes) -> tuple[ReadMapping | None, list[Mistake]]:
    """The file's mapping; None with the reason where it cannot be read as one. Never raises.

    Every scalar is text as written, so that no reader's idea of numbers and dates comes in between.
    """
    import yaml

    if len(content) > BYTES_AT_MOST:
        return None, [Mistake(1, f"the file is larger than {BYTES_AT_MOST} bytes")]
    try:
        text = content.decode("utf-8")
        for event in yaml.parse(text, yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent):
                mark = event.start_mark
                raise _RefusedError(mark.line + 1 if mark else 1, "aliases are not taken here")
        root = yaml.compose(text, yaml.CSafeLoader)
        if root is None:
            return ReadMapping(1, {"version": "1"}), []
        value = _value(root, 0)
    except UnicodeDecodeError as error:
        return None, [Mistake(content.count(b"\n", 0, error.start) + 1, "the file is not UTF-8")]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, [Mistake(line, f"not readable as YAML: {error.problem}")]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return None, [Mistake(1, f"not readable as YAML: {type(error).__name__}")]
    except _RefusedError as error:
        return None, [error.mistake]
    if not isinstance(value, ReadMapping):
        return None, [Mistake(1, "the file does not hold `version` and `waivers`")]
    return value, []


def _value(node: yaml.Node, depth: int) -> Any:
    import yaml

    line = node.start_mark.line + 1
    if depth > DEPTH_AT_MOST:
        raise _RefusedError(line, f"nested deeper than {DEPTH_AT_MOST}")
    if isinstance(node, yaml.ScalarNode):
        return "" if node.tag == "tag:yaml.org,2002:null" else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(entry, depth + 1) for entry in node.value]
    if not isinstance(node, yaml.MappingNode):
        raise _RefusedError(line, "neither text, list nor mapping")
    read = ReadMapping(line)
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _RefusedError(key.start_mark.line + 1, "a key that is no text")
        if key.value in read.values:
            raise _RefusedError(key.start_mark.line + 1, f"the key {key.value!r} is given twice")
        read.values[key.value] = _value(value, depth + 1)
        read.lines[key.value] = key.start_mark.line + 1
    return read
