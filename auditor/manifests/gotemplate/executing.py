"""Runs a template on data made of JSON's values (Go 1.26, text/template), in bounded steps and memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from auditor.manifests.gotemplate.builtins import BUILTINS, is_true
from auditor.manifests.gotemplate.errors import TemplateError, UnsupportedTemplateError
from auditor.manifests.gotemplate.formatting import MAX_TEXT, printed
from auditor.manifests.gotemplate.parsing import (
    Branch,
    Call,
    Chain,
    Constant,
    Dot,
    Function,
    Leave,
    Nil,
    Node,
    Operand,
    Output,
    Pipeline,
    Template,
    Text,
    Variable,
    parsed,
)
from auditor.manifests.gotemplate.sprig import NOT_HERE, SPRIG

MAX_STEPS = 100_000
MAX_CALLS = 50
FUNCTIONS = frozenset({"and", "or", *BUILTINS, *SPRIG, *NOT_HERE})
"""Every function that a template may name; of those in NOT_HERE, calling it is what fails."""
_MISSING = object()


def executed(template: str, data: Mapping[str, Any], *, options: Sequence[str] = ()) -> str:
    """What the template gives for the data. `options` are Go's: `missingkey=error` and the like.

    Numbers of the data are floats, as JSON's are in Go. Raises TemplateError as Go would fail,
    UnsupportedTemplateError for what is not done here.
    """
    if "{{" not in template:
        return template
    missing = "default"
    for option in options:
        name, _, value = option.partition("=")
        if name != "missingkey" or value not in ("default", "invalid", "zero", "error"):
            raise TemplateError(f"unrecognized option: {option}")
        missing = value
    try:
        return _Run(parsed(template, FUNCTIONS), data, missing).text()
    except RecursionError as error:
        raise TemplateError("nested too deep") from error


class _LeaveError(Exception):
    """Out of a range, or on to its next round."""


class _Run:
    def __init__(self, template: Template, data: Any, missing: str) -> None:
        self._template = template
        self._data = data
        self._missing = missing
        self._steps = 0
        self._written: list[str] = []
        self._size = 0
        self._variables: list[tuple[str, Any]] = [("", data)]
        self._depth = 0

    def text(self) -> str:
        self._nodes(self._template.nodes, self._data)
        return "".join(self._written)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TemplateError(f"the template takes more than {MAX_STEPS} steps")

    def _write(self, text: str) -> None:
        self._size += len(text)
        if self._size > MAX_TEXT:
            raise TemplateError(f"the template writes more than {MAX_TEXT} characters")
        self._written.append(text)

    def _nodes(self, nodes: Sequence[Node], dot: Any) -> None:
        mark = len(self._variables)
        for node in nodes:
            self._step()
            if isinstance(node, Text):
                self._write(node.text)
            elif isinstance(node, Output):
                value = self._pipeline(node.pipeline, dot)
                if not node.pipeline.variables:
                    self._write(printed(value))
            elif isinstance(node, Branch):
                self._branch(node, dot)
            elif isinstance(node, Leave):
                del self._variables[mark:]
                raise _LeaveError(node.kind)
            else:
                self._call(node, dot)
        del self._variables[mark:]

    def _call(self, node: Call, dot: Any) -> None:
        body = self._template.defined.get(node.name)
        if body is None:
            raise TemplateError(f"template {node.name!r} not defined")
        if self._depth >= MAX_CALLS:
            raise TemplateError("templates call one another too deep")
        data = self._pipeline(node.pipeline, dot) if node.pipeline is not None else None
        variables, self._variables = self._variables, [("", data)]
        self._depth += 1
        self._nodes(body, data)
        self._depth -= 1
        self._variables = variables

    def _branch(self, node: Branch, dot: Any) -> None:
        mark = len(self._variables)
        if node.kind == "range":
            self._range(node, dot)
        else:
            value = self._pipeline(node.pipeline, dot)
            inner = value if node.kind == "with" else dot
            if is_true(value):
                self._nodes(node.body, inner)
            else:
                self._nodes(node.otherwise, dot)
        del self._variables[mark:]

    def _range(self, node: Branch, dot: Any) -> None:
        pipeline = node.pipeline
        value = self._pipeline(Pipeline(pipeline.commands), dot)
        pairs = _pairs(value)
        if not pairs:
            self._nodes(node.otherwise, dot)
            return
        names = pipeline.variables
        if len(names) > 1 and isinstance(value, int) and not isinstance(value, bool):
            raise TemplateError("can't use a number to iterate over more than one variable")
        for key, entry in pairs:
            self._step()
            mark = len(self._variables)
            values = [entry] if len(names) == 1 else [key, entry]
            for name, bound in zip(names, values, strict=False):
                if pipeline.assigns:
                    self._set(name, bound)
                else:
                    self._variables.append((name, bound))
            try:
                self._nodes(node.body, entry)
            except _LeaveError as leave:
                del self._variables[mark:]
                if leave.args[0] == "break":
                    return
            del self._variables[mark:]

    def _set(self, name: str, value: Any) -> None:
        for at in range(len(self._variables) - 1, -1, -1):
            if self._variables[at][0] == name:
                self._variables[at] = (name, value)
                return
        raise TemplateError(f"undefined variable: ${name}")

    def _pipeline(self, pipeline: Pipeline, dot: Any) -> Any:
        value: Any = _MISSING
        for command in pipeline.commands:
            value = self._command(command, dot, value)
        for name in pipeline.variables:
            if pipeline.assigns:
                self._set(name, value)
            else:
                self._variables.append((name, value))
        return value

    def _command(self, command: Sequence[Operand], dot: Any, final: Any) -> Any:
        self._step()
        first, *rest = command
        if isinstance(first, Function):
            return self._function(first.name, rest, dot, final)
        if isinstance(first, Nil):
            raise TemplateError("nil is not a command")
        if rest or final is not _MISSING:
            raise TemplateError("can't give argument to non-function")
        return self._operand(first, dot)

    def _operand(self, operand: Operand, dot: Any) -> Any:
        if isinstance(operand, Constant):
            return operand.value
        if isinstance(operand, Dot):
            return self._fields(dot, operand.fields)
        if isinstance(operand, Variable):
            return self._fields(self._variable(operand.name), operand.fields)
        if isinstance(operand, Chain):
            return self._fields(self._pipeline(operand.pipeline, dot), operand.fields)
        if isinstance(operand, Function):
            return self._function(operand.name, (), dot, _MISSING)
        return None

    def _variable(self, name: str) -> Any:
        for known, value in reversed(self._variables):
            if known == name:
                return value
        raise TemplateError(f"undefined variable: ${name}")

    def _fields(self, value: Any, names: Sequence[str]) -> Any:
        for name in names:
            if value is None:
                if self._missing in ("error", "zero"):
                    raise TemplateError(f"nil data; no entry for key {name!r}")
                continue
            if not isinstance(value, Mapping):
                raise TemplateError(f"can't evaluate field {name} in a value that is no map")
            if name not in value and self._missing == "error":
                raise TemplateError(f"map has no entry for key {name!r}")
            value = value.get(name)
        return value

    def _function(self, name: str, operands: Sequence[Operand], dot: Any, final: Any) -> Any:
        if name in ("and", "or"):
            return self._lazily(name, operands, dot, final)
        function: Callable[..., Any] | None = SPRIG.get(name) or BUILTINS.get(name)
        if function is None:
            raise UnsupportedTemplateError(f"the function {name!r} is not done here: {NOT_HERE[name]}")
        arguments = [self._operand(operand, dot) for operand in operands]
        if final is not _MISSING:
            arguments.append(final)
        try:
            result = function(*arguments)
        except TemplateError as error:
            raise type(error)(f"{name}: {error}") from error
        except (
            TypeError,
            ValueError,
            KeyError,
            IndexError,
            AttributeError,
            OverflowError,
            ArithmeticError,
        ) as error:
            # Go checks the types of arguments first; what those are is not known here.
            raise TemplateError(f"wrong arguments for {name}: {str(error)[:200]}") from error
        if isinstance(result, str | list | dict) and len(result) > MAX_TEXT:
            raise TemplateError(f"{name} gives more than {MAX_TEXT} characters")
        return result

    def _lazily(self, name: str, operands: Sequence[Operand], dot: Any, final: Any) -> Any:
        """`and` gives the first that is empty, `or` the first that is not, and what comes after is not looked at."""
        value: Any = _MISSING
        for operand in operands:
            value = self._operand(operand, dot)
            if is_true(value) is (name == "or"):
                return value
        if final is not _MISSING:
            return final
        if value is _MISSING:
            raise TemplateError(f"wrong number of args for {name}: want at least 1 got 0")
        return value


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [(key, value[key]) for key in sorted(value)]
    if isinstance(value, list):
        return list(enumerate(value))
    if isinstance(value, int) and not isinstance(value, bool):
        if value > MAX_STEPS:
            raise TemplateError(f"the template takes more than {MAX_STEPS} steps")
        return [(number, number) for number in range(value)]
    raise TemplateError("range can't iterate over a value that is neither a list nor a map")
