"""The questions that come up in every audit, as SQL files that anybody can read and copy.

A file `saved/<name>.sql` opens with a comment that says what it answers and which parameters it takes:

    -- title: Oldest open findings
    -- group: findings
    -- description: What has been wrong for longest.
    --   A line indented so goes on with the one before.
    -- param limit (default 20): how many to show
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from auditor.errors import QueryError, UsageError

if TYPE_CHECKING:
    from auditor.store.adhoc import QueryLimits, QueryResult
    from auditor.store.database import Database

_FIELD = re.compile(r"-- (title|group|description): (.+)")
_PARAMETER = re.compile(r"-- param (\w+)(?: \(default (''|[^)]+)\))?: (.+)")
_GOES_ON = re.compile(r"--   (\S.*)")


GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "population": "What changed: the population, its completeness, samples of it",
        "approval": "How changes landed: requests, duties, emergencies",
        "changes": "Who set which value, when",
        "state": "What was declared at a time",
        "access": "Who may do what, people and programs",
        "findings": "What broke a rule, and for how long",
        "drift": "What the clusters hold",
        "integrity": "What the record can and cannot prove",
    }
)
"""Every group of saved queries with its heading, in the order in which they are listed."""

POINTER = "pointer"
"""The parameter that also takes a JSON Pointer; see `normal_pointer`."""

_TOKEN = re.compile(r"/((?:[^/\[]|\[[^\]]*\])*)")
_PLAIN_STEP = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*(?:\[[^\]]*\])*")


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryParameter:
    """One parameter; `default` None means that it must be given."""

    name: str
    default: str | None
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedQuery:
    """One saved query: what it is called, what it answers, and its SQL with `$name` parameters."""

    name: str
    title: str
    group: str
    description: str
    parameters: tuple[QueryParameter, ...]
    sql: str

    def bind(self, given: Mapping[str, str]) -> dict[str, str]:
        """Every parameter's value, defaults filled in.

        Raises QueryError naming what is missing or unknown.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        if unknown := sorted(given.keys() - known.keys()):
            raise QueryError(
                f"saved query {self.name!r} has no parameter {', '.join(unknown)}",
                hint=f"it takes {', '.join(known)}" if known else "it takes none",
            )
        values = {name: given.get(name, parameter.default) for name, parameter in known.items()}
        if missing := sorted(name for name, value in values.items() if value is None):
            raise QueryError(
                f"saved query {self.name!r} needs a value for {', '.join(missing)}",
                hint=" ".join(f"--param {name}=<{known[name].description}>" for name in missing),
            )
        return {
            name: normal_pointer(value) if name == POINTER else value
            for name, value in values.items()
            if value is not None
        }


@cache
def saved_queries() -> Mapping[str, SavedQuery]:
    """Every saved query by name, in alphabetical order."""
    folder = resources.files("auditor.store").joinpath("saved")
    found = [
        parse(entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    ]
    return MappingProxyType({query.name: query for query in sorted(found, key=lambda query: query.name)})


def grouped_queries() -> Mapping[str, tuple[SavedQuery, ...]]:
    """The saved queries by the heading of their group, in the order of GROUPS."""
    return MappingProxyType(
        {
            heading: tuple(query for query in saved_queries().values() if query.group == group)
            for group, heading in GROUPS.items()
        }
    )


def normal_pointer(text: str) -> str:
    """A field's pointer as the trail writes it, out of a JSON Pointer that may name list entries by key:
    `/spec/containers[name=web]/image` is `spec.containers[name=web].image`. Any other text stays as it is.
    """
    if not text.startswith("/"):
        return text
    pointer = ""
    for match in _TOKEN.finditer(text):
        step = match[1].replace("~1", "/").replace("~0", "~")
        if step.isdecimal():
            pointer += f"[{step}]"
        elif _PLAIN_STEP.fullmatch(step):
            pointer += f".{step}" if pointer else step
        else:
            pointer += f"[{json.dumps(step, ensure_ascii=False)}]"
    return pointer


def saved_query(name: str) -> SavedQuery:
    """The query of that name; UsageError with the nearest names where there is none."""
    queries = saved_queries()
    if name in queries:
        return queries[name]
    near = difflib.get_close_matches(name, queries, n=3) or list(queries)
    raise UsageError(f"there is no saved query {name!r}", hint=f"there is {', '.join(near)}")


def run_saved(
    database: Path | Database,
    name: str,
    *,
    parameters: Mapping[str, str] | None = None,
    limits: QueryLimits | None = None,
    now: datetime | None = None,
) -> QueryResult:
    """Runs a saved query as `auditor.store.adhoc.run_query` runs any other."""
    from auditor.store.adhoc import run_query

    query = saved_query(name)
    return run_query(database, query.sql, limits=limits, parameters=query.bind(parameters or {}), now=now)


def parse_parameters(texts: Iterable[str]) -> dict[str, str]:
    """The values of `--param name=value`, in a mapping.

    Raises UsageError where a text has no name or no '=', or a name comes twice.
    """
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(
                f"--param {text!r} is not name=value", hint="for example --param kind=Deployment"
            )
        if name in values:
            raise UsageError(f"--param {name} is given twice")
        values[name] = value
    return values


def parse(name: str, text: str) -> SavedQuery:
    """Reads one file; ValueError where its header lacks a title or description or holds anything else."""
    fields: dict[str, str] = {}
    parameters: dict[str, tuple[str | None, str]] = {}
    last = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        if match := _FIELD.fullmatch(line):
            last = match[1]
            fields[last] = match[2]
        elif match := _PARAMETER.fullmatch(line):
            last = match[1]
            parameters[last] = ("" if match[2] == "''" else match[2], match[3])
        elif last and (match := _GOES_ON.fullmatch(line)):
            if last in fields:
                fields[last] += " " + match[1]
            else:
                default, description = parameters[last]
                parameters[last] = (default, f"{description} {match[1]}")
        else:
            raise ValueError(f"saved query {name}: this line of its header cannot be read: {line!r}")
    if missing := {"title", "group", "description"} - fields.keys():
        raise ValueError(f"saved query {name} has no {' and no '.join(sorted(missing))}")
    if fields["group"] not in GROUPS:
        raise ValueError(f"saved query {name} is in the group {fields['group']!r}, which is none of GROUPS")
    return SavedQuery(
        name=name,
        title=fields["title"],
        group=fields["group"],
        description=fields["description"],
        parameters=tuple(
            QueryParameter(name=parameter, default=default, description=description)
            for parameter, (default, description) in parameters.items()
        ),
        sql=text,
    )
