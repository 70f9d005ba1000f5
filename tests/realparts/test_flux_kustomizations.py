"""What auditor says a Flux repository declares is what the real kustomize-controller makes of it.

A case is a repository: `clusters/test` is applied first, by a Kustomization that is in it as well. What holds
for all of them: every object that Flux says it applied is declared, nothing else is, and each is field by field
what the API server makes of the declared manifest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from realparts.agreement import REDACTOR, Identity, defaulted, differences, is_live, read_case
from realparts.cluster_server import Cluster, wait_until
from realparts.flux_controller import Artifacts, inventory, kustomizations, needs_flux, settled, suspend

from auditor.manifests.deployments.declared import DeclaredSet, declared_set
from auditor.manifests.deployments.options import DeploymentOptions

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

    def declared(self, **options: Any) -> DeclaredSet:
        """What auditor says the repository declares, with these options of the operator's."""
        told = DeploymentOptions(**{"strict_substitution": True, **options})
        return declared_set(Tree(self.files), environment=None, redactor=REDACTOR, options=told)

    def disagreements(self, **options: Any) -> list[str]:
        """What the cluster holds otherwise than it is declared."""
        documents = [resource.document for resource in self.declared(**options).resources]
        return differences(self.cluster, documents, self.applied(), self.spare)

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
def repository(cluster: Cluster, flux: Artifacts, namespace: Callable[[], str]) -> Iterator[Repository]:
    own = namespace()
    yield Repository(cluster, flux, own, namespace())
    suspend(cluster, own)


@dataclass(frozen=True)
class Expected:
    """What a case says of its Kustomizations: those that others bring, those that fail and those whose objects the
    API server refuses, the two with a part of why. `lenient` where the controller does not insist on variables."""

    applied: frozenset[str] = frozenset()
    failing: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    lenient: bool = False


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
    declared = repository.declared(strict_substitution=not said.lenient)
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


def kustomization(namespace: str, name: str, **spec: Any) -> str:
    manifest = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "interval": "1h",
            "retryInterval": "1s",
            "path": f"./{name}",
            "prune": True,
            "targetNamespace": namespace,
            "sourceRef": {"kind": "GitRepository", "name": "fleet"},
            **spec,
        },
    }
    return json.dumps(manifest)


def config_map(name: str, namespace: str = "", **data: str) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def has_config_map(repository: Repository, name: str) -> bool:
    return is_live(repository.cluster, ("", "ConfigMap", repository.namespace, name))


@needs_flux
def test_values_of_the_cluster(repository: Repository) -> None:
    cluster, namespace = repository.cluster, repository.namespace
    cluster.kubectl("create", "--filename=-", given=config_map("regional", namespace, REGION="eu", ZONE="a"))
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "private", "namespace": namespace},
        "stringData": {"ZONE": "b", "HOST": "db.example.com"},
    }
    cluster.kubectl("create", "--filename=-", given=secret)
    reads = [{"kind": "ConfigMap", "name": "regional"}, {"kind": "Secret", "name": "private"}]
    values = config_map("settings", region="${REGION}", zone="${ZONE}", host="${HOST}")
    repository.push(
        {
            "clusters/test/apps.yaml": kustomization(namespace, "apps", postBuild={"substituteFrom": reads}),
            "apps/map.yaml": json.dumps(values),
        }
    )
    assert repository.settle("apps") == {}
    told = {"test": {"REGION": "eu", "ZONE": "b", "HOST": "db.example.com"}}
    assert repository.disagreements(variables=told) == []
    # Without being told auditor leaves what it cannot know as it is written, and names it.
    unknown = repository.declared()
    (settings,) = [resource for resource in unknown.resources if resource.document.name == "settings"]
    assert settings.document.manifest["data"] == values["data"]


@needs_flux
@pytest.mark.parametrize("prunes", [True, False])
def test_what_is_no_longer_declared(repository: Repository, prunes: bool) -> None:
    apps = {"clusters/test/apps.yaml": kustomization(repository.namespace, "apps", prune=prunes)}
    kept = {"metadata": {"name": "kept", "annotations": {"kustomize.toolkit.fluxcd.io/prune": "disabled"}}}
    first = {
        "apps/stays.yaml": json.dumps(config_map("stays", a="1")),
        "apps/goes.yaml": json.dumps(config_map("goes")),
        "apps/kept.yaml": json.dumps({**config_map("kept"), **kept}),
    }
    repository.push({**apps, **first})
    assert repository.settle("apps") == {}
    assert repository.disagreements() == []
    repository.push({**apps, "apps/stays.yaml": json.dumps(config_map("stays", a="2", b="3"))})
    assert repository.settle("apps") == {}
    assert repository.disagreements() == []
    assert [has_config_map(repository, name) for name in ("stays", "goes", "kept")] == [
        True,
        not prunes,
        True,
    ]
    (node,) = [node for name, node in repository.declared().nodes.items() if name.name == "apps"]
    assert node.plan.deployment.prunes is prunes


@needs_flux
@pytest.mark.parametrize(("policy", "stays"), [("Orphan", True), ("Delete", False), ("MirrorPrune", False)])
def test_a_kustomization_that_is_no_longer_declared(repository: Repository, policy: str, stays: bool) -> None:
    """It takes its objects with it as its deletionPolicy says; nothing of it is declared any more."""
    objects = {"apps/map.yaml": json.dumps(config_map("left"))}
    apps = kustomization(repository.namespace, "apps", deletionPolicy=policy)
    repository.push({"clusters/test/apps.yaml": apps, **objects})
    assert repository.settle("apps") == {}
    repository.push(objects)

    def is_gone() -> bool:
        return "apps" not in kustomizations(repository.cluster, repository.namespace)

    wait_until(is_gone, lambda: str(kustomizations(repository.cluster, repository.namespace)))
    assert repository.settle() == {}
    assert has_config_map(repository, "left") is stays
    assert repository.disagreements() == []


@needs_flux
def test_a_suspended_kustomization_is_declared_and_says_that_it_is_suspended(repository: Repository) -> None:
    namespace = repository.namespace
    before, after = (json.dumps(config_map("x", a=value)) for value in ("1", "2"))
    running, suspended = (kustomization(namespace, "apps", suspend=suspend) for suspend in (False, True))
    repository.push({"clusters/test/apps.yaml": running, "apps/map.yaml": before})
    assert repository.settle("apps") == {}
    repository.push({"clusters/test/apps.yaml": suspended, "apps/map.yaml": before})
    assert repository.settle("apps") == {}
    repository.push({"clusters/test/apps.yaml": suspended, "apps/map.yaml": after})
    assert repository.settle("apps") == {}
    (line,) = repository.disagreements()
    assert line == f"ConfigMap {namespace}/x /data/a: declared '2', live '1'"
    (node,) = [node for name, node in repository.declared().nodes.items() if name.name == "apps"]
    assert node.plan.deployment.suspended
