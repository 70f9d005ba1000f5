"""Reading `auditor.yaml`, and saying what is wrong with it."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from auditor.errors import ConfigurationError
from auditor.settings.settings import Settings

DEFAULT_FILE = "auditor.yaml"

ENVIRONMENT_PREFIX = "AUDITOR_"
"""How the names of environment variables begin that override what the file says."""

_HINT = "`auditor init` shows every key"


def load_settings(file: Path | None = None) -> Settings:
    """The settings of `file`, or of ./auditor.yaml where there is one, else the defaults.

    Raises ConfigurationError naming the file, the key and what is allowed there.
    """
    path = file if file is not None else Path(DEFAULT_FILE)
    values: dict[str, Any] = {}
    if path.is_file():
        values = _read(path)
    elif file is not None:
        raise ConfigurationError(f"there is no configuration file {file}", hint="`auditor init` writes one")
    try:
        if any(name.upper().startswith(ENVIRONMENT_PREFIX) for name in os.environ):
            from auditor.settings.variables import with_environment

            return with_environment(values)
        return Settings(**values)
    except ValidationError as error:
        raise ConfigurationError(_explain(path, error), hint=_HINT) from error


def _read(path: Path) -> dict[str, Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """A key that stands twice is a mistake, of which one would silently win."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} is given twice", key.start_mark
                    )
                seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
            return super().construct_mapping(node, deep=deep)

    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        place = " ".join(str(error).split()).replace('"<unicode string>", ', "")
        raise ConfigurationError(f"{path} is not readable YAML: {place}", hint=_HINT) from error
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}", hint="check its permissions"
        ) from error
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ConfigurationError(f"{path} does not hold `key: value` lines", hint=_HINT)
    return values


def _explain(path: Path, error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        what = _unknown(problem["loc"]) if problem["type"] == "extra_forbidden" else problem["msg"]
        lines.append(f"{key}: {what}")
    return f"{path}: " + "; ".join(lines)


def _unknown(location: tuple[int | str, ...]) -> str:
    annotation: Any = Settings
    for part in location[:-1]:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = annotation.model_fields[str(part)].annotation
        else:
            annotation = get_args(annotation)[0 if isinstance(part, int) else -1]
        if isinstance(annotation, UnionType):  # a section that may be missing: X | None
            annotation = get_args(annotation)[0]
    near = get_close_matches(str(location[-1]), list(annotation.model_fields), n=1)
    return f"unknown key; did you mean {near[0]}?" if near else "unknown key"
