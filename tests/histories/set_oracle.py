"""Findings over environments the slow way: at every landed commit each environment's whole set is asked about anew.

What a file that cannot be read declared last is still a member. What lies in an attic and nothing leads to is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from independent.roles import out_of_use

from auditor.findings.fingerprint import fingerprint
from auditor.manifests.environment import BASE_ENVIRONMENT, environment_of
from auditor.manifests.formats import parse_file
from auditor.model import Document, Outcome
from auditor.pipeline.mining.problems import is_unreadable
from auditor.policy.sets import questions_about

from .builder import History
from .oracle import KUSTOMIZE, REDACTOR, Life, Look, before_it, files_of, first_parent_line, renames

Standing = dict[str, tuple[Document, ...]]
"""By path, what a file declares as far as anybody knows."""


def set_lives(history: History, tip: str, judge: Any) -> list[Life]:
    """Every lifetime along the line of what rules over environments say."""
    look = Look(judge)
    standing: Standing = {}
    listing: dict[str, bytes] = {}
    open_since: dict[str, tuple[int, str]] = {}
    occurrences: dict[str, int] = {}
    found: list[Life] = []
    before = ""
    for sha in first_parent_line(history, tip):
        files, renamed = files_of(history, sha), renames(history, before, sha)
        standing = {path: stands(path, files[path], standing, renamed) for path in files}
        listing = look.listing(files, listing, renamed)
        before = sha
        now = said(judge, [(path, standing[path]) for path in sorted(look.judged(files | listing))])
        for finding in sorted(now - open_since.keys()):
            occurrences[finding] = occurrences.get(finding, 0) + 1
            open_since[finding] = (occurrences[finding], sha)
        for finding in sorted(open_since.keys() - now):
            found.append((finding, *open_since.pop(finding), sha))
    found += [(finding, *opened, "") for finding, opened in open_since.items()]
    return sorted(found)


def stands(path: str, content: bytes, before: Standing, renamed: Mapping[str, str]) -> tuple[Document, ...]:
    """What the file declares, and what it declared before and nobody knows to have gone."""
    parsed = parse_file(content, path, redactor=REDACTOR)
    if not is_unreadable(problem.code for problem in parsed.problems):
        return parsed.documents
    names = {document.id for document in parsed.documents}
    held = before.get(before_it(path, renamed), ())
    return (*parsed.documents, *(document for document in held if document.id not in names))


def unused_of(files: Sequence[tuple[str, tuple[Document, ...]]]) -> set[str]:
    """The paths of what nothing in use leads to."""
    tree = {path: [document.manifest for document in documents] for path, documents in files}
    return out_of_use(tree, {path: environment_of(path) for path in tree})


def said(judge: Any, files: Sequence[tuple[str, tuple[Document, ...]]]) -> set[str]:
    """The ids of all that is wrong with the environments' sets."""
    sets: dict[str, list[tuple[str, Document, bytes]]] = {}
    unused = unused_of(files)
    for path, documents in files:
        environment = environment_of(path)
        for document in documents if environment != BASE_ENVIRONMENT and path not in unused else ():
            if view := judge.sets.view_of(document):
                sets.setdefault(environment, []).append((path, document, view))
    found = set()
    for environment, members in sets.items():
        seen = [(document.api_version, document.kind, view) for _, document, view in members]
        asked = questions_about(judge.sets, environment, seen)
        for (_, numbers), answer in zip(asked, judge.judge_sets([one for one, _ in asked]), strict=True):
            for number, verdict in answer.verdicts:
                assert verdict.outcome is Outcome.FAIL, verdict
                path, document, _ = members[numbers[number]]
                about = document.id
                place = path.rpartition("/")[0] or "." if about.group == KUSTOMIZE else path
                named = (about.group, about.kind, about.namespace, about.name or place)
                found.add(fingerprint(verdict.rule_id, environment, *named, verdict.pointer))
    return found
