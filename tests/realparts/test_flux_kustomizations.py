"""What auditor says a Flux repository declares is what the real kustomize-controller makes of it.

A case is a repository: `clusters/test` is applied first, by a Kustomization that is in it as well. What holds
for all of them: every object that Flux says it applied is declared, nothing else is, and each is field by field
what the API server makes of the declared manifest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from realparts.agreement import REDACTOR, Identity, defaulted, differences, is_live, read_case
from realparts.cluster_server import Cluster
from realparts.flux_controller import Artifacts, inventory, needs_flux, settled

from auditor.manifests.deployments.declared import DeclaredSet, declared_set

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))


class Tree:
    """A repository in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path].encode()


def synchronised(namespace: str) -> str:
    """What Flux is bootstrapped with: where the repository is, and that clusters/test is applied."""
    return f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: fleet
  namespace: {namespace}
spec:
  interval: 1h
  url: https://git.example.com/fleet.git
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: root
  namespace: {namespace}
spec:
  interval: 1h
  retryInterval: 1s
  path: ./clusters/test
  prune: true
  sourceRef: {{kind: GitRepository, name: fleet}}
"""


class Repository:
    """A case's repository, deployed to a namespace of its own."""

    def __init__(self, cluster: Cluster, served: Artifacts, namespace: str, spare: str) -> None:
        self.cluster, self.served, self.namespace, self.spare = cluster, served, namespace, spare
        self.files: dict[str, str] = {}
        self.revision = ""

    def push(self, files: Mapping[str, str]) -> None:
        """Makes this the repository's content, and waits until Flux has nothing left to do with it."""
        begun = bool(self.files)
        self.files = {"clusters/test/sync.yaml": synchronised(self.namespace), **files}
        if not begun:
            documents = list(yaml.safe_load_all(self.files["clusters/test/sync.yaml"]))
            for document in documents:
                self.cluster.kubectl("create", "--filename=-", given=document)
        self.revision = self.served.publish(self.cluster, self.namespace, "fleet", self.files)

    def settle(self, *names: str) -> dict[str, str]:
        """Why which Kustomization is not applied; the others are."""
        found = settled(self.cluster, self.namespace, self.revision, names=frozenset({"root", *names}))
        return {name: words for name, words in found.items() if words}

    def declared(self) -> DeclaredSet:
        return declared_set(Tree(self.files), environment=None, redactor=REDACTOR)

    def kustomizations(self) -> set[str]:
        """The names of those in clusters/test."""
        return {
            document["metadata"]["name"]
            for path, text in self.files.items()
            if path.startswith("clusters/test/")
            for document in yaml.safe_load_all(text)
            if document and document["apiVersion"].startswith("kustomize.toolkit")
        }

    def applied(self) -> set[Identity]:
        """What the namespace's Kustomizations applied: their inventories also hold what they only looked at."""
        return {entry for entry in inventory(self.cluster, self.namespace) if is_live(self.cluster, entry)}


@pytest.fixture
def repository(cluster: Cluster, flux: Artifacts, namespace: Callable[[], str]) -> Repository:
    return Repository(cluster, flux, namespace(), namespace())


@dataclass(frozen=True)
class Expected:
    """What a case says of its Kustomizations: those that others bring, those that fail and those whose objects the
    API server refuses, the two with a part of why."""

    applied: frozenset[str] = frozenset()
    failing: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def expected(files: dict[str, str]) -> Expected:
    """Takes what is expected out of a case's files."""
    said = yaml.safe_load(files.pop("expected", "")) or {}
    return Expected(**{**said, "applied": frozenset(said.get("applied", ()))})


@needs_flux
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_cluster_holds_what_is_declared(case: Path, repository: Repository) -> None:
    files = read_case(case, repository.namespace)
    said = expected(files)
    repository.push(files)
    failed = repository.settle(*repository.kustomizations(), *said.applied)
    not_applied = {**said.failing, **said.refused}
    assert failed.keys() == not_applied.keys(), failed
    for name, words in not_applied.items():
        assert words in failed[name]
    declared = repository.declared()
    problems = [problem.message for problem in declared.problems]
    assert len(problems) == len(said.failing), problems
    for name in said.failing:
        assert any(f"/{name}" in message for message in problems), (name, problems)
    documents = [
        resource.document for resource in declared.resources if resource.rendered_from not in said.refused
    ]
    found = differences(repository.cluster, documents, repository.applied(), repository.spare)
    assert not found, "\n".join(found)
    for name in said.refused:
        theirs = [resource.document for resource in declared.resources if resource.rendered_from == name]
        assert theirs
        with pytest.raises(AssertionError, match=said.refused[name]):
            defaulted(repository.cluster, theirs, repository.spare)


def test_every_case_says_what_it_shows() -> None:
    assert len(CASES) > 20
    for case in CASES:
        assert re.match(r"[^\n]{30,120}\n([^\n]+\n)?\n-- ", case.read_text()), case.name


def config_map(name: str, **data: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
