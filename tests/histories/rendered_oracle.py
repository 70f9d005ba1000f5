"""Findings on what is rendered, the slow way: at every landed commit everything is read, planned, built and judged
from scratch.

What a deployment declared that cannot be rendered any more is not known to have gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.findings.fingerprint import fingerprint
from auditor.manifests.deployments.declared import DeclaredSet, ProblemCause, declared_set
from auditor.manifests.environment import environment_of
from auditor.model import Outcome, Resource
from auditor.policy.builtin import KUSTOMIZE_BUILD
from auditor.policy.builtin_charts import CHART_BUILD
from auditor.policy.router import kind_of
from auditor.policy.sets import questions_about

from .builder import FILE, PROGRAM, History
from .oracle import REDACTOR, Life, Look, files_of, first_parent_line
from .set_oracle import BASE_ENVIRONMENT, stands, unused_of

_BROKEN = {
    ProblemCause.BUILD: KUSTOMIZE_BUILD,
    ProblemCause.PATH: KUSTOMIZE_BUILD,
    ProblemCause.TEMPLATE: CHART_BUILD,
}

Field = tuple[str, str, str, str]
"""Rule, kind, name, pointer."""
Named = tuple[str, Any]
"""Environment and identity of a resource."""


@dataclass(frozen=True)
class Files:
    """The files of a commit as a SourceTree."""

    contents: Mapping[str, bytes]

    def paths(self) -> Iterable[str]:
        """All of them."""
        return sorted(self.contents)

    def read(self, path: str) -> bytes:
        """One of them."""
        return self.contents[path]


def rendered_lives(
    history: History, tip: str, judge: Any, is_written: Callable[[int, Field], bool]
) -> list[Life]:
    """Every lifetime along the line. `is_written` tells whether a field shows a violation as it is written, at the
    landing of that number."""
    found: list[Life] = []
    open_since: dict[str, tuple[int, str]] = {}
    occurrences: dict[str, int] = {}
    shown: dict[str, tuple[Field, Named]] = {}
    owners: dict[Named, Any] = {}
    parents: dict[Any, Any] = {}
    for position, sha in enumerate(first_parent_line(history, tip)):
        contents = {
            path.decode(): entry.content
            for path, entry in history.trees[sha].items()
            if entry.mode in (FILE, PROGRAM)
        }
        declared = declared_set(Files(contents), environment=None, redactor=REDACTOR)
        rendered = [item for item in declared.resources if item.rendered_from]
        now = {
            name: (where, about)
            for name, where, about in wrong(history, sha, judge, declared, rendered)
            if not is_written(position, where)
        }
        there = {(item.environment, item.id) for item in rendered}
        parents |= {name: node.parents for name, node in declared.nodes.items()}
        for name, (where, about) in shown.items():
            unknown = about not in there and is_unknown(owners.get(about), declared, parents)
            if name not in now and unknown and not is_written(position, where):
                now[name] = (where, about)
        owners |= declared.owners
        for finding in sorted(now.keys() - open_since.keys()):
            occurrences[finding] = occurrences.get(finding, 0) + 1
            open_since[finding] = (occurrences[finding], sha)
        for finding in sorted(open_since.keys() - now.keys()):
            found.append((finding, *open_since.pop(finding), sha))
        shown = now
    found += [(finding, *opened, "") for finding, opened in open_since.items()]
    return sorted(found)


def is_unknown(owner: Any, declared: DeclaredSet, parents: Mapping[Any, Any]) -> bool:
    """True where the deployment, or what made it when it was last there, has a reason not to be rendered."""
    if owner is None:
        return False
    node = declared.nodes.get(owner)
    if node is None:
        return any(is_unknown(parent, declared, parents) for parent in parents.get(owner, ()))
    return node.resources is None and bool(node.problems)


def wrong(
    history: History, sha: str, judge: Any, declared: DeclaredSet, rendered: list[Resource]
) -> Iterator[tuple[str, Field, Named]]:
    """(id, field, resource) of all that is wrong in what a commit renders to."""
    for problem in declared.problems:
        rule_id = _BROKEN.get(problem.cause)
        if rule_id is not None:
            environment = environment_of(problem.path)
            name = fingerprint(rule_id, environment, "", "", "", problem.path, "")
            yield name, (rule_id, "", "", ""), (environment, None)
    judged = judge.judge([item.document for item in rendered])
    for item, judgement in zip(rendered, judged, strict=True):
        for verdict in judgement.verdicts:
            if verdict.outcome is Outcome.FAIL:
                yield _of(item, verdict)
    for item, verdict in _of_sets(history, sha, judge, rendered):
        yield _of(item, verdict)


def _of(item: Resource, verdict: Any) -> tuple[str, Field, Named]:
    about = item.id
    name = fingerprint(
        verdict.rule_id,
        item.environment,
        about.group,
        about.kind,
        about.namespace,
        about.name,
        verdict.pointer,
    )
    return name, (verdict.rule_id, about.kind, about.name, verdict.pointer), (item.environment, about)


def _of_sets(
    history: History, sha: str, judge: Any, rendered: list[Resource]
) -> Iterator[tuple[Resource, Any]]:
    files = files_of(history, sha)
    look = Look(judge)
    declared = [
        (path, stands(path, files[path], {}, {}))
        for path in sorted(look.judged(files | look.listing(files, {}, {})))
    ]
    unused = unused_of(declared)
    beside = [
        (environment_of(path), document)
        for path, documents in declared
        for document in documents
        if environment_of(path) != BASE_ENVIRONMENT and path not in unused
    ]
    for environment in {item.environment for item in rendered}:
        items = [item for item in rendered if item.environment == environment]
        same = {(kind_of(item.document.api_version, item.id.kind), item.id.name) for item in items}
        documents = [item.document for item in items]
        documents += [
            document
            for where, document in beside
            if where == environment
            and (kind_of(document.api_version, document.kind), document.name) not in same
        ]
        members = [(one.api_version, one.kind, judge.sets.view_of(one)) for one in documents]
        asked = questions_about(judge.sets, environment, members)
        for (_, numbers), answer in zip(asked, judge.judge_sets([one for one, _ in asked]), strict=True):
            for place, verdict in answer.verdicts:
                assert verdict.outcome is Outcome.FAIL, verdict
                if numbers[place] < len(items):
                    yield items[numbers[place]], verdict
