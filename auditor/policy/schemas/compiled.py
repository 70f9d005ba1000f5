"""A schema compiled: the fast validator that decides, and the slow one that finds what failed.

Patterns are evaluated by Rust's regex crate, in linear time and bounded memory, wherever they come from: Go's
expressions, which definitions use, are of the same family (RE2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from auditor.policy.schemas.crds import MAP_KEYS
from auditor.policy.schemas.explain import Budget
from auditor.policy.schemas.formats import FORMATS

_PATTERN_BYTES = 1_000_000
"""Memory that one compiled pattern may take; (a{1000}){1000} needs more."""

_OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

_POSIX = re.compile(
    r"\[:(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]"
)
_POSIX_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7F", "blank": r"\t ", "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-\/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ", "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


class Compiled:
    """One schema. `unjudged` are pointers of fields that it would judge and cannot.

    `nulls_pass` says that a null is as good as nothing everywhere: so Kubernetes reads its own kinds.
    """

    def __init__(
        self,
        schema: dict[str, Any],
        *,
        shared: Shared | None = None,
        unjudged: tuple[str, ...] = (),
        nulls_pass: bool = True,
    ) -> None:
        """Raises ValueError where the schema is none."""
        import jsonschema_rs

        self.nulls_pass = nulls_pass
        self._shared = shared
        schema, dropped = _readable(schema) if shared is None else (schema, [])
        self._schema = schema
        self.unjudged = (*unjudged, *dropped)
        # offline: a schema out of a hostile repository must not make us fetch what it refers to.
        validator = jsonschema_rs.Draft202012Validator(
            schema,
            registry=shared.registry if shared else None,
            offline=True,
            formats=None if shared else dict(FORMATS),
            validate_formats=shared is None,
            keywords=None if shared else {MAP_KEYS: _MapKeys},
            pattern_options=_pattern_options(),
        )
        self.is_valid: Callable[[Any], bool] = validator.is_valid

    def errors(self, manifest: Any, budget: Budget) -> Iterator[Any]:
        """What does not fit, as `jsonschema` says it, found one at a time."""
        found: Iterator[Any] = self._slow(budget).iter_errors(manifest)
        return found

    def _slow(self, budget: Budget) -> Any:
        import jsonschema
        from referencing import Registry, Resource

        base = jsonschema.Draft202012Validator
        own = {} if self._shared else {"format": _format, MAP_KEYS: _map_keys}
        rules = {**base.VALIDATORS, "pattern": _pattern, "uniqueItems": _unique, **own}
        registry: Any = Registry()
        if self._shared is not None:
            registry = Resource.from_contents(self._shared.definitions) @ registry
        counted = {name: budget.counted(rule) for name, rule in rules.items()}
        extended: Any = jsonschema.validators.extend(base, counted)  # type: ignore[no-untyped-call]
        return extended(self._schema, registry=registry)


class Shared:
    """What the schemas of Kubernetes' own kinds refer to, read once."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self.definitions = definitions

    @cached_property
    def registry(self) -> Any:
        """The definitions as jsonschema-rs looks them up."""
        import jsonschema_rs

        return jsonschema_rs.Registry([(self.definitions["$id"], self.definitions)])

    @cached_property
    def object_meta(self) -> Any:
        """The schema of ObjectMeta, with all that it refers to written out."""
        return self._written_out(self.definitions["$defs"][_OBJECT_META])

    def _written_out(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._written_out(one) for one in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            return self._written_out(self.definitions["$defs"][node["$ref"].rpartition("/")[2]])
        return {name: self._written_out(value) for name, value in node.items()}


def _pattern_options() -> Any:
    import jsonschema_rs

    return jsonschema_rs.RegexOptions(size_limit=_PATTERN_BYTES, dfa_size_limit=_PATTERN_BYTES)


class _Patterns:
    """Compiled patterns, each once; None for one that is none of ours."""

    def __init__(self) -> None:
        self._known: dict[str, Callable[[Any], bool] | None] = {}

    def __getitem__(self, pattern: str) -> Callable[[Any], bool] | None:
        if pattern not in self._known:
            import jsonschema_rs

            try:
                compiled = jsonschema_rs.Draft202012Validator(
                    {"pattern": pattern}, offline=True, pattern_options=_pattern_options()
                )
            except ValueError:
                self._known[pattern] = None
            else:
                self._known[pattern] = compiled.is_valid
        return self._known[pattern]


_PATTERNS = _Patterns()


def _readable(schema: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The schema without patterns that do not compile and without formats that nobody checks; what was left out."""
    dropped: list[str] = []
    return _without(schema, "", dropped), dropped


def _without(node: Any, pointer: str, dropped: list[str]) -> Any:
    if isinstance(node, list):
        return [_without(one, pointer, dropped) for one in node]
    if not isinstance(node, Mapping):
        return node
    kept: dict[str, Any] = {}
    for name, value in node.items():
        if name == "pattern" and isinstance(value, str):
            pattern = _POSIX.sub(lambda match: _POSIX_CLASSES[match[1]], value)
            if _PATTERNS[pattern] is None:
                dropped.append(pointer)
            else:
                kept[name] = pattern
        elif name == "format" and isinstance(value, str):
            if value in FORMATS:
                kept[name] = value
        elif name in ("properties", "patternProperties", "$defs") and isinstance(value, Mapping):
            kept[name] = {
                key: _without(
                    sub, f"{pointer}.{key}".lstrip(".") if name == "properties" else pointer, dropped
                )
                for key, sub in value.items()
            }
        elif name in ("items", "additionalProperties"):
            kept[name] = _without(value, f"{pointer}[*]", dropped)
        elif name in ("allOf", "anyOf", "oneOf", "not", "if", "then", "else"):
            kept[name] = _without(value, pointer, dropped)
        elif name not in ("description", "title", "examples", "example", "default"):
            kept[name] = value
    return kept


class _MapKeys:
    """No two entries of a list of type map have the same keys."""

    def __init__(self, parent_schema: Any, value: Any, schema_path: Any) -> None:
        self._keys: list[str] = value["keys"]
        self._defaults: Mapping[str, Any] = value["defaults"]

    def validate(self, instance: Any) -> None:
        """Raises ValueError where two have."""
        double = duplicate(instance, self._keys, self._defaults)
        if double is not None:
            raise ValueError(double)


def duplicate(instance: Any, keys: list[str], defaults: Mapping[str, Any]) -> str | None:
    """What names two entries of a list alike ("name=web"); None where nothing does."""
    if not isinstance(instance, list):
        return None
    seen: set[str] = set()
    for entry in instance:
        if not isinstance(entry, Mapping):
            continue
        values = [entry.get(key, defaults.get(key)) for key in keys]
        if any(isinstance(value, dict | list) for value in values) or all(value is None for value in values):
            continue
        name = ", ".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))
        if name in seen:
            return name
        seen.add(name)
    return None


def _map_keys(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    double = duplicate(instance, value["keys"], value["defaults"])
    if double is not None:
        yield ValidationError(f"{double} stands in it twice")


def _pattern(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    check = _PATTERNS[value]
    if isinstance(instance, str) and check is not None and not check(instance):
        yield ValidationError(f"it does not fit the pattern {value}")


def _format(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    check = FORMATS.get(value)
    if isinstance(instance, str) and check is not None and not check(instance):
        yield ValidationError(f"it is not of the format {value}")


def _unique(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if value is True and isinstance(instance, list):
        import orjson

        written = [orjson.dumps(one, option=orjson.OPT_SORT_KEYS) for one in instance]
        if len(set(written)) < len(written):
            yield ValidationError("an entry stands in it twice")
