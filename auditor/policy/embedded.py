"""The embedded engine: rego-cpp through `regopy`, so that the product works with nothing else installed.

It compiles once and runs the compiled entry points; `query`, which its documentation shows first,
compiles at every call and is six to ten times slower. It has no time limit of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any

import orjson

from auditor.errors import EngineError, PolicyError
from auditor.policy.interface import (
    ALONE_MODULE,
    ALONE_PATH,
    ENTRY_MODULE,
    ENTRY_PATH,
    Answer,
    GivenUp,
    Item,
    RulePath,
    alone_body,
    answer_all,
    request_body,
)

if TYPE_CHECKING:
    from auditor.policy.foreign.apart import ApartEngine
    from auditor.policy.library import Library

ALONE_FROM_RULES = 2
"""From so many rules on, an item is asked by itself; below, in a batch (see `ALONE_MODULE`).

Measured on what projections leave of 8,000 items of a real history: 3.9 s, from 3 rules on 4.2 s, from 5 on 4.5 s.
"""

BUILDS_AT_MOST = 3
"""So often what is asked is added to what is compiled; then the rest of the rules comes along."""

_CHECK_SECONDS = 60.0
_CHECK_PROGRAM = """
import json, sys, regopy
modules, entrypoints, trial = json.load(sys.stdin)
compiler = regopy.Interpreter()
for name, text in modules.items():
    compiler.add_module(name, text)
bundle = compiler.build(None, entrypoints)
compiler = regopy.Interpreter()
compiler.set_input_term(trial)
try:
    compiler.query_bundle_entrypoint(bundle, entrypoints[1])
except regopy.RegoError:
    pass  # an evaluation may fail; it must not end the process
"""


def version() -> str:
    """The version of rego-cpp's package."""
    return metadata.version("regopy")


class EmbeddedEngine:
    """Runs the library's rules in this process."""

    name = "embedded"

    def __init__(self, library: Library) -> None:
        """Compiles what did not ship with us at once; PolicyError where rego-cpp refuses it.

        Rules that did are compiled when they are first asked: most runs over a few files ask a part of them.
        """
        _share_allocator()
        import regopy

        modules = library.modules
        if library.foreign_rules:
            from auditor.policy.foreign.compiling import runnable_modules

            modules = runnable_modules(library, "the embedded engine", refusal_of)
        if library.foreign and (reason := refusal_of(modules)):
            raise _refused(reason)
        self._interpreter = regopy.Interpreter()
        self._interpreter.log_level = regopy.LogLevel.NONE
        self._error = regopy.RegoError
        self.version = str(regopy.__version__)
        self._modules = modules
        self._of_rules = {f"auditor/{rule.category}/{rule.name}.rego": rule.path for rule in library.rules}
        self._compiled: set[RulePath] = set()
        self._builds = 0
        self._given_up: GivenUp = {}
        self._has_foreign = library.foreign
        self._apart: ApartEngine | None = None
        if library.foreign_rules:
            from auditor.policy.foreign.apart import ApartEngine

            self._apart = ApartEngine(_modules(modules), [ENTRY_PATH, ALONE_PATH])
        elif self._has_foreign:
            self._provide(set(self._of_rules.values()))

    def _provide(self, rules: set[RulePath]) -> None:
        """Has these rules compiled. PolicyError where rego-cpp refuses them."""
        if self._builds and rules <= self._compiled:
            return
        import regopy

        self._builds += 1
        if self._builds > BUILDS_AT_MOST or self._has_foreign:
            rules = set(self._of_rules.values())
        self._compiled |= rules
        modules = {
            name: text
            for name, text in self._modules.items()
            if self._of_rules.get(name) in self._compiled or name not in self._of_rules
        }
        compiler = regopy.Interpreter()
        compiler.log_level = regopy.LogLevel.NONE
        try:
            for name, text in _modules(modules).items():
                compiler.add_module(name, text)
            self._bundle = compiler.build(None, [ENTRY_PATH, ALONE_PATH])
        except regopy.RegoError as error:
            raise _refused(error) from error
        self._compiler = compiler

    def evaluate(self, items: Sequence[Item]) -> list[Answer]:
        """One answer an item, in order. PolicyError where rego-cpp refuses a rule that is asked first."""
        if self._apart is None:
            self._provide({rule for item in items for rule in item.rules})
        # Inside `with`, as a batch asks, rego-cpp crashes over more of what others write.
        many = [
            self._apart is not None or item.is_set or len(item.rules) >= ALONE_FROM_RULES for item in items
        ]
        few = answer_all(
            self._ask, [item for item, alone in zip(items, many, strict=True) if not alone], self._given_up
        )
        batched = iter(few)
        return [
            answer_all(self._ask_alone, [item], self._given_up)[0] if alone else next(batched)
            for item, alone in zip(items, many, strict=True)
        ]

    def close(self) -> None:
        """Ends the process that foreign rules run in; compiled rules go with the object."""
        if self._apart is not None:
            self._apart.close()

    def _ask(self, items: Sequence[Item]) -> list[Mapping[str, Any]]:
        answers = self._run(ENTRY_PATH, request_body(items))
        if not isinstance(answers, list) or len(answers) != len(items):
            raise EngineError("the embedded engine gave no answer")
        return answers

    def _ask_alone(self, items: Sequence[Item]) -> list[Mapping[str, Any]]:
        answer = self._run(ALONE_PATH, alone_body(items[0]))
        if not isinstance(answer, dict):
            raise EngineError("the embedded engine gave no answer")
        return [answer]

    def _run(self, entry: str, body: bytes) -> Any:
        if self._apart is not None:
            return self._apart.ask(entry, body)
        try:
            self._interpreter.set_input_term(body.decode())
            output = self._interpreter.query_bundle_entrypoint(self._bundle, entry)
        except (self._error, ValueError) as error:
            raise EngineError(f"the embedded engine failed: {_first_line(error)}") from error
        if not output.ok():
            raise EngineError("the embedded engine failed: a rule ended with an evaluation error")
        expressions = output.results[0].expressions if output.results else []
        return expressions[0] if expressions else None


def _share_allocator() -> None:
    """Make rego-cpp allocate and free with the C++ library's own functions.

    It brings functions of its own, which cannot free what the C++ library allocated; where another extension
    module (rapidyaml, DuckDB) has loaded that library before, each query then leaks some 13 kB. Of no effect
    once `regopy` is imported.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ctypes.CDLL("libstdc++.so.6", mode=ctypes.RTLD_GLOBAL)


def refusal_of(modules: Mapping[str, str]) -> str:
    """What rego-cpp says against these modules, '' where it takes them; the entry points come along.

    They are compiled, and asked about nothing, in a process of its own: some Rego ends rego-cpp with an abort instead
    of an error. It costs a tenth of a second. PolicyError where that process cannot be had.
    """
    record = orjson.dumps([_modules(modules), [ENTRY_PATH, ALONE_PATH], _trial(modules).decode()])
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CHECK_PROGRAM],
            input=record,
            capture_output=True,
            timeout=_CHECK_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it is not done after {_CHECK_SECONDS:g} s"
    except OSError as error:
        raise PolicyError(f"the embedded engine cannot compile the rules: {error}") from error
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit {done.returncode}"]
    return next((line for line in lines if "errormsg" in line or "what()" in line), lines[-1]).strip()


def _trial(modules: Mapping[str, str]) -> bytes:
    """A question to every rule of these modules about next to nothing."""
    parts = [name.removesuffix(".rego").split("/") for name in modules]
    rules = tuple((part[1], part[2]) for part in parts if len(part) == 3 and part[:2] != ["auditor", "lib"])
    pod = b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"trial","namespace":"trial"},"spec":{"containers":[]}}'
    return alone_body(Item(tuple(rule for rule in rules), pod))


def _modules(modules: Mapping[str, str]) -> dict[str, str]:
    return {**modules, "auditor_entry.rego": ENTRY_MODULE, "auditor_alone.rego": ALONE_MODULE}


def _refused(reason: object) -> PolicyError:
    return PolicyError(
        f"the embedded engine cannot compile the rules: {reason}",
        hint="`auditor policy lint` names what it does not take; OPA (--engine opa) takes all of Rego",
    )


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
