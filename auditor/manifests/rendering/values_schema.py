"""Values held against a chart's `values.schema.json`, as Helm does before it renders, and apart from rendering.

Drafts 4 to 2020-12, the one that the schema names (else the newest, as Helm takes it). Nothing that a schema refers to
is fetched or read: https://json-schema.org/ and Helm's page "Charts", Schema Files.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from auditor.errors import RenderError
from auditor.manifests.rendering.schema_cost import SchemaTooCostlyError, check_cost

Way = tuple[str | int, ...]
"""The keys and indices that lead to a value."""

MAX_SCHEMA_BYTES = 4 * 1024 * 1024
MAX_REFERENCES = 10_000
"""References that a schema may hold: compiling a chain of them takes the square of their number."""

MAX_VIOLATIONS = 25
"""Violations kept of one chart; values that fit nothing say so as well with 25."""

_PATTERN_BYTES = 1_000_000
"""Memory that one compiled pattern may take."""

_HOSTNAME = re.compile(
    r"(?!.{254})[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?"
)
_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "hostname": lambda text: _HOSTNAME.fullmatch(text) is not None,
    "idn-email": lambda text: True,
    "idn-hostname": lambda text: True,
    "uri-reference": lambda text: True,
}
"""Formats that the validator here is stricter about than Helm's; Helm itself has the last word on what is left."""

_MOST_SCHEMAS = 256
_LONGEST = 300


class SchemaError(RenderError):
    """A schema that nothing can be held against. `refers_outside`: it wants to have something fetched or read."""

    def __init__(self, message: str, *, refers_outside: bool = False) -> None:
        super().__init__(message, hint="correct values.schema.json")
        self.refers_outside = refers_outside


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Violation:
    """A value that does not fit. `way` leads to it, or to one that is missing; `message` never has the value in it.

    `keyword` is the schema's. `is_conditional`: it holds only because of what other values are, or are not; they are
    below the first `within` steps of the way, None where they may be any.
    """

    way: Way
    message: str
    keyword: str
    within: int | None
    is_conditional: bool


class ValuesSchema:
    """A compiled schema."""

    def __init__(self, content: bytes, what: str) -> None:
        """`what` names the schema in messages. Raises SchemaError."""
        import jsonschema_rs

        if len(content) > MAX_SCHEMA_BYTES:
            raise SchemaError(f"{what} is larger than {MAX_SCHEMA_BYTES} bytes")
        if content.count(b'Ref"') + content.count(b'$ref"') > MAX_REFERENCES:
            raise SchemaError(f"{what} refers to parts of itself more than {MAX_REFERENCES} times")
        try:
            self._schema: Any = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            raise SchemaError(f"{what} is no JSON: {error}") from error
        self._what = what
        outside = next(references_outside(self._schema), None)
        if outside is not None:
            message = f"{what} refers to {outside[:_LONGEST]}, which is not fetched"
            raise SchemaError(message, refers_outside=True)
        try:
            self._validator = jsonschema_rs.validator_for(
                self._schema,
                # Nothing is fetched, and no value gets into a message.
                offline=True,
                mask="it",
                formats=dict(_FORMATS),
                pattern_options=jsonschema_rs.RegexOptions(
                    size_limit=_PATTERN_BYTES, dfa_size_limit=_PATTERN_BYTES
                ),
            )
        except (ValueError, jsonschema_rs.ReferencingError) as refused:
            reason = str(getattr(refused, "message", refused)).splitlines()[0][:_LONGEST]
            where = ".".join(map(str, getattr(refused, "instance_path", ())))
            raise SchemaError(
                f"{what} is no JSON Schema: {f'at {where}: ' if where else ''}{reason}"
            ) from refused

    def violations(self, values: Any) -> tuple[Violation, ...]:
        """What of the values (JSON values) does not fit, by way. Raises SchemaError where judging them would take
        too long."""
        try:
            check_cost(self._schema, values)
        except SchemaTooCostlyError as error:
            raise SchemaError(f"{self._what} takes too many steps to judge the values by") from error
        if self._validator.is_valid(values):
            return ()
        found: set[Violation] = set()
        for failure in self._validator.iter_errors(values):
            found.update(_violations(failure))
            if len(found) >= MAX_VIOLATIONS:
                break
        return tuple(sorted(found, key=_order))


def _order(violation: Violation) -> tuple[list[tuple[bool, int, str]], str]:
    way = [(isinstance(step, str), step if isinstance(step, int) else 0, str(step)) for step in violation.way]
    return way, violation.message


def _violations(error: Any) -> Iterator[Violation]:
    way: Way = tuple(error.instance_path)
    keyword = error.kind.name
    by_branch = _is_conditional(error.schema_path)
    is_conditional = by_branch or keyword in _CONDITIONAL
    message = error.message[:_LONGEST]
    missing: Sequence[str] = ()
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        for name in list(error.kind.unexpected)[:MAX_VIOLATIONS]:
            # What counts as evaluated depends on the other values.
            yield Violation(
                way=(*way, name),
                message="the schema knows no such value",
                keyword=keyword,
                within=None if by_branch else len(way),
                is_conditional=is_conditional or keyword == "unevaluatedProperties",
            )
        return
    if keyword == "falseSchema":
        message = "the schema allows no value here"
    if keyword == "required":
        missing = [str(error.kind.property)]
        message = "it is required"
    yield Violation(
        way=(*way, *missing),
        message=message,
        keyword=keyword,
        within=None if by_branch else len(way),
        is_conditional=is_conditional,
    )


_CONDITIONAL = frozenset(
    {"required", "minProperties", "anyOf", "oneOf", "not", "contains", "dependencies", "dependentRequired"}
    | {"unevaluatedProperties", "unevaluatedItems"}
)
"""What a mapping that is not known whole may yet satisfy."""

_NAMES = frozenset({"properties", "patternProperties", "$defs", "definitions"})
_BRANCHES = frozenset({"then", "else", "dependentSchemas", "dependencies", "contains"})


def _is_conditional(path: Sequence[str | int]) -> bool:
    """True where the way through the schema leads over something that other values decide."""
    names_one = False
    for step in path:
        if names_one:
            names_one = False
            continue
        if step in _BRANCHES:
            return True
        names_one = step in _NAMES
    return False


def references_outside(schema: Any) -> Iterator[str]:
    """The references of a schema to other documents that it does not bring with it."""
    known: set[str] = set()
    asked: list[tuple[str, str]] = []
    pending: list[tuple[Any, str]] = [(schema, "")]
    while pending:
        node, base = pending.pop()
        if isinstance(node, list):
            pending.extend((entry, base) for entry in node)
            continue
        if not isinstance(node, Mapping):
            continue
        named = node.get("$id", node.get("id"))
        if isinstance(named, str) and not named.startswith("#"):
            base = _joined(base, named)
            known.add(base)
        for keyword in ("$ref", "$dynamicRef"):
            reference = node.get(keyword)
            if isinstance(reference, str):
                asked.append((reference, base))
        # Below `const`, `enum` and such stand values, and no schemas.
        pending.extend((value, base) for key, value in node.items() if key not in _VALUES)
    for reference, base in asked:
        document = _joined(base, reference)
        if document not in ("", base) and document not in known and document not in _META:
            yield reference


_VALUES = frozenset({"const", "enum", "default", "examples", "example"})
_META = frozenset(
    f"{scheme}://json-schema.org/{draft}"
    for scheme in ("http", "https")
    for draft in ("draft-04/schema", "draft-06/schema", "draft-07/schema")
) | {f"https://json-schema.org/draft/{draft}/schema" for draft in ("2019-09", "2020-12")}


def _joined(base: str, reference: str) -> str:
    from urllib.parse import urldefrag, urljoin

    try:
        return urldefrag(urljoin(base, reference))[0]
    except ValueError:
        return reference


class Schemas:
    """Compiled schemas by their content, the last that were asked for. For one thread at a time."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, ValuesSchema | SchemaError] = OrderedDict()

    def schema(self, content: bytes, what: str) -> ValuesSchema:
        """Compiles, or gives what was. Raises SchemaError."""
        key = hashlib.sha256(what.encode() + b"\0" + content).digest()
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _compiled(content, what)
            if len(self._known) > _MOST_SCHEMAS:
                self._known.popitem(last=False)
        if isinstance(found, SchemaError):
            raise SchemaError(found.message, refers_outside=found.refers_outside)
        return found


def _compiled(content: bytes, what: str) -> ValuesSchema | SchemaError:
    try:
        return ValuesSchema(content, what)
    except SchemaError as error:
        return error
