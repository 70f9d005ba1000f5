"""CEL as Kubernetes has it: Google's runtime (`cel-expr-python`), with Kubernetes' own functions added.

What that runtime or these functions do not carry (`authorizer`, comprehensions over two variables, named formats) does
not compile, and what does not compile is a named skip. Quantities, addresses, URLs and versions are maps to CEL,
written so that equal ones are equal. https://kubernetes.io/docs/reference/using-api/cel/ lists what there is.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from auditor.errors import MissingPartError, PolicyError
from auditor.policy.foreign.celtypes import FUNCTIONS, Function

VARIABLES = ("object", "oldObject", "params", "request", "variables", "namespaceObject", "self", "oldSelf")
"""What an expression may name."""

LONGEST_EXPRESSION = 20_000
"""Characters; the API server's own limit on cost lets no longer one through."""

_BUDGET = "Iteration budget exceeded"
"""What CEL's runtime says where comprehensions take more than 10,000 steps together."""

_MISSING = "rules in CEL need the packages cel-expr-python and google-re2"


class EvaluationError(Exception):
    """An expression ended without a value."""


class LimitError(Exception):
    """An expression was ended: it takes more steps or memory than it gets. Nobody knows its value."""


class Expression:
    """A compiled expression."""

    def __init__(self, text: str) -> None:
        """Compiles. PolicyError with CEL's own words where it does not; MissingPartError without the runtime."""
        if len(text) > LONGEST_EXPRESSION:
            raise PolicyError(f"an expression of {len(text)} characters is not compiled")
        self.text = text
        try:
            self._compiled = _environment().compile(text)
        except (RuntimeError, ValueError) as error:
            first = next(iter(str(error).removeprefix("INVALID_ARGUMENT: ").splitlines()), "")
            raise PolicyError(f"the expression {_short(text)!r} cannot be compiled here: {first}") from error

    def value(self, data: Mapping[str, Any]) -> Any:
        """Its value as plain Python. EvaluationError where it has none, LimitError where it was ended."""
        try:
            found = self._compiled.eval(data={name: data.get(name) for name in VARIABLES})
            value = found.plain_value()
            kind = found.type().name()
        except MemoryError as error:
            raise LimitError("an expression needs more memory than it gets") from error
        except (RuntimeError, TypeError, ValueError, OverflowError) as error:
            if _BUDGET in str(error):
                raise LimitError("an expression takes more steps than it gets") from error
            raise EvaluationError(str(error)) from error
        if kind in ("ERROR", "UNKNOWN", "*error*"):
            if _BUDGET in str(value):
                raise LimitError("an expression takes more steps than it gets")
            raise EvaluationError(str(value).partition(": ")[2] or str(value))
        return value


@functools.lru_cache(maxsize=4096)
def expression(text: str) -> Expression:
    """The expression, compiled once. Raises as `Expression`."""
    return Expression(text)


@functools.lru_cache(maxsize=1)
def _environment() -> Any:
    try:
        import re2  # noqa: F401 - what `find` and `findAll` are made with
        from cel_expr_python import cel
        from cel_expr_python.ext.ext_optional import ExtOptional
        from cel_expr_python.ext.ext_strings import ExtStrings
    except ImportError as error:
        raise MissingPartError(_MISSING, hint="pip install 'auditor[cel]'") from error
    kinds = {
        "bool": cel.Type.BOOL,
        "dyn": cel.Type.DYN,
        "int": cel.Type.INT,
        "double": cel.Type.DOUBLE,
        "list": cel.Type.List(cel.Type.DYN),
        "string": cel.Type.STRING,
    }

    def declared(name: str, overloads: list[Function]) -> Any:
        return cel.FunctionDecl(
            name,
            [
                cel.Overload(
                    f"k8s_{name.replace('.', '_')}_{number}",
                    return_type=kinds[one.gives],
                    parameters=[kinds[kind] for kind in one.takes],
                    is_member=one.is_member,
                    impl=one.code,
                )
                for number, one in enumerate(overloads)
            ],
        )

    by_name: dict[str, list[Function]] = {}
    for one in FUNCTIONS:
        by_name.setdefault(one.name, []).append(one)
    extension = cel.CelExtension("kubernetes", [declared(name, found) for name, found in by_name.items()])
    return cel.NewEnv(
        variables=dict.fromkeys(VARIABLES, cel.Type.DYN),
        extensions=[ExtOptional(), ExtStrings(), extension],
    )


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else f"{flat[:77]}…"
