"""Follows what deploys: plans it, renders it, and goes on with what that brings, until there is nothing new."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.manifests.deployments.collecting import Collector, render_all
from auditor.manifests.deployments.deployers import DEPLOYERS, deployer_of
from auditor.manifests.deployments.interface import DeclaredProblem, DeploymentId, Found, Plan, ProblemCause
from auditor.manifests.deployments.scene import Scene
from auditor.manifests.rendering.interface import RenderedDocument

MAX_DEPLOYMENTS = 20_000
"""Deployments followed in one tree; what a repository generates beyond that is named and left out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A deployment as it was followed. `resources` is None where it was not rendered, `problems` say why."""

    plan: Plan
    parents: tuple[DeploymentId, ...]
    resources: int | None
    problems: tuple[DeclaredProblem, ...] = ()


@dataclass(kw_only=True)
class Following:
    """The followed deployments. `wanted` (None: all) tells which plans are worth rendering."""

    scene: Scene
    collector: Collector
    wanted: Callable[[Plan], bool] | None = None
    nodes: dict[DeploymentId, Node] = field(default_factory=dict)
    _seen: dict[tuple[str, str, str, str], tuple[str, DeploymentId]] = field(default_factory=dict)

    def plans(self, plans: Sequence[Plan]) -> None:
        """Follows deployments that are planned already, those of no object."""
        self._go_on(self._rendered([(plan, None) for plan in plans]))

    def objects(self, found: Sequence[Found]) -> None:
        """Follows objects that deploy."""
        self._go_on(list(found))

    def forget(self, name: DeploymentId) -> None:
        """Drops a deployment, what it brought, and why it is not whole."""
        self._again(name)
        del self.nodes[name]

    def _go_on(self, pending: list[Found]) -> None:
        waiting: list[Found] = []
        early: list[Found] = []
        final = False
        while pending or waiting or early:
            if not pending and waiting:
                pending, waiting = self._next_of(waiting)
                early += [found for found in pending if self._waits(found)]
                final = True
            elif not pending:
                # What came too late for them is there now.
                pending, early = [found for found in early if not self._waits(found)], []
                for found in pending:
                    self._seen.pop(_seen_as(found, _deployer_name(found)), None)
            planned: list[tuple[Plan, Found | None]] = []
            for found in pending:
                deployer = deployer_of(found.document)
                if deployer is None or not self._is_new(found, deployer.name):
                    continue
                plan = deployer.plan(found, self.scene, final=final)
                if plan.waits_for and not final:
                    waiting.append(found)
                    continue
                name = plan.deployment.id
                if name in self.nodes:
                    self._again(name)  # what renders it may have changed it, and that counts
                self._seen[_seen_as(found, deployer.name)] = (found.document.digest, name)
                planned.append((plan, found))
            pending = self._rendered(planned)
            final = False

    def _next_of(self, waiting: list[Found]) -> tuple[list[Found], list[Found]]:
        """Those to go on with: what waits for nothing any more, else, since nothing brings what they wait for, what
        depends on none of the others and so may bring it to them. And the others."""
        plans = [(found, self._plan(found)) for found in waiting]
        names = {plan.deployment.id for _, plan in plans}
        ready = [found for found, plan in plans if not plan.waits_for]
        first = [found for found, plan in plans if names.isdisjoint(plan.deployment.depends_on)]
        chosen = ready or first or waiting
        taken = set(map(id, chosen))
        return chosen, [found for found in waiting if id(found) not in taken]

    def _waits(self, found: Found) -> bool:
        return bool(self._plan(found).waits_for)

    def _plan(self, found: Found) -> Plan:
        return DEPLOYERS[_deployer_name(found)].plan(found, self.scene, final=False)

    def _again(self, name: DeploymentId) -> None:
        """Drops what a deployment brought, and why it was not whole."""
        self.collector.forget(name)
        for problem in self.nodes[name].problems:
            if problem in self.collector.problems:
                self.collector.problems.remove(problem)

    def _is_new(self, found: Found, kind: str) -> bool:
        """False for an object that is followed already; its further parents are noted."""
        digest, name = self._seen.get(_seen_as(found, kind), ("", None))
        if name is None or digest != found.document.digest:
            return True
        node = self.nodes.get(name)
        if node is None:
            return False  # planned in this very round
        if found.parent is not None and found.parent not in node.parents:
            self.nodes[name] = replace(node, parents=(*node.parents, found.parent))
        return False

    def _rendered(self, planned: Sequence[tuple[Plan, Found | None]]) -> list[Found]:
        """Renders and collects; gives what deploys among what came out, and among what was generated."""
        if len(self.nodes) + len(planned) > MAX_DEPLOYMENTS:
            room = max(0, MAX_DEPLOYMENTS - len(self.nodes))
            path = planned[room][0].deployment.path
            message = f"more than {MAX_DEPLOYMENTS} deployments: this one and those after it are left out"
            self.collector.problems.append(
                DeclaredProblem(path=path, message=message, cause=ProblemCause.UNSUPPORTED)
            )
            planned = planned[:room]
        work = [
            (plan, task)
            for plan, _ in planned
            if self.wanted is None or self.wanted(plan)
            for task in plan.work
        ]
        outcomes = render_all(work, self.scene, self.collector)
        documents: dict[DeploymentId, list[RenderedDocument]] = {}
        failed: dict[DeploymentId, list[DeclaredProblem]] = {}
        for (plan, _), outcome in zip(work, outcomes, strict=True):
            if isinstance(outcome, DeclaredProblem):
                failed.setdefault(plan.deployment.id, []).append(outcome)
            else:
                documents.setdefault(plan.deployment.id, []).extend(outcome)
        further: list[Found] = []
        for plan, found in planned:
            name = plan.deployment.id
            self.collector.problems.extend(plan.problems)
            problems = (*plan.problems, *failed.get(name, ()))
            self.nodes[name] = Node(
                plan=plan,
                parents=self._parents(name, found),
                resources=len(documents[name]) if name in documents else None,
                problems=problems,
            )
            path = plan.deployment.path
            brought = [
                (entry.document, entry.sources[0] if entry.sources else path)
                for entry in documents.get(name, ())
            ]
            brought += [(document, path) for document in plan.documents]
            self.scene.know(plan.deployment.target, [document for document, _ in brought])
            further += [
                Found(document=document, environment=plan.deployment.target, path=where, parent=name)
                for document, where in brought
                if deployer_of(document) is not None
            ]
        return further

    def _parents(self, name: DeploymentId, found: Found | None) -> tuple[DeploymentId, ...]:
        known = self.nodes[name].parents if name in self.nodes else ()
        parent = found.parent if found is not None else None
        return known if parent is None or parent in known else (*known, parent)


def _seen_as(found: Found, kind: str) -> tuple[str, str, str, str]:
    return found.environment, kind, found.document.namespace, found.document.name


def _deployer_name(found: Found) -> str:
    deployer = deployer_of(found.document)
    return deployer.name if deployer is not None else ""


def unknown_dependencies(nodes: Mapping[DeploymentId, Node], known: Collection[DeploymentId]) -> list[str]:
    """Names of deployments that others wait for and that are not there, sorted."""
    return sorted(
        {
            str(name)
            for node in nodes.values()
            for name in node.plan.deployment.depends_on
            if name not in known
        }
    )
