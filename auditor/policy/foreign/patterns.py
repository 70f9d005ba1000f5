"""Regular expressions of others' policies: RE2, as in Kubernetes, OPA and Gatekeeper, whose time is linear in the text."""

from __future__ import annotations

import functools
from typing import Any

from auditor.errors import MissingPartError


@functools.lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The pattern, with `search` and `finditer`. ValueError where it is none in RE2; MissingPartError without RE2."""
    try:
        import re2
    except ImportError as error:
        raise MissingPartError(
            "regular expressions of policies need the package google-re2", hint="pip install 'auditor[cel]'"
        ) from error
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise ValueError(f"{pattern!r} is no regular expression: {text}") from error
