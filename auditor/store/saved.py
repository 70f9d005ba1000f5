"""The questions that come up in every audit, as SQL files that anybody can read and copy.

A file `saved/<name>.sql` opens with a comment that says what it answers and which parameters it takes:

    -- title: Oldest open findings
    -- description: What has been wrong for longest.
    --   A line indented so goes on with the one before.
    -- param limit (default 20): how many to show
"""

from __future__ import annotations

import difflib
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

_FIELD = re.compile(r"-- (title|description): (.+)")
_PARAMETER = re.compile(r"-- param (\w+)(?: \(default (''|[^)]+)\))?: (.+)")
_GOES_ON = re.compile(r"--   (\S.*)")


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
        return {name: value for name, value in values.items() if value is not None}


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
    parameters: list[QueryParameter] = []
    last = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        if match := _FIELD.fullmatch(line):
            last = match[1]
            fields[last] = match[2]
        elif match := _PARAMETER.fullmatch(line):
            last = ""
            default = "" if match[2] == "''" else match[2]
            parameters.append(QueryParameter(name=match[1], default=default, description=match[3]))
        elif last and (match := _GOES_ON.fullmatch(line)):
            fields[last] += " " + match[1]
        else:
            raise ValueError(f"saved query {name}: this line of its header cannot be read: {line!r}")
    if missing := {"title", "description"} - fields.keys():
        raise ValueError(f"saved query {name} has no {' and no '.join(sorted(missing))}")
    return SavedQuery(
        name=name,
        title=fields["title"],
        description=fields["description"],
        parameters=tuple(parameters),
        sql=text,
    )
