"""What is rendered at the tip, judged: its resources, what was found in them, and what could not be rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Sighting
from auditor.manifests.deployments.traces import Deployed
from auditor.model import Outcome, Resource
from auditor.pipeline.declared.landed_renderings import RenderedLanding
from auditor.pipeline.declared.problems import Problems
from auditor.pipeline.mining.contents import (
    JudgementRow,
    judgement_key,
    no_profile,
)
from auditor.store.renderings import StoredRenderings

_NOTHING_LEFT = StoredRenderings()


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedTip:
    """What the roots render to, and what keeps it from being whole.

    A failure is a finding about the repository (the build is broken); a skip is something that auditor
    does not do (fetching a remote base). Neither counts as a pass. `required` are those skipped that the operator
    will not have missing. `landings` are those that were looked at, the tip
    last, none where not even that could be rendered; `left` is for the next run. `judgements` are by
    `judgement_key`, of what is rendered at any of the landings; `profile_of` names the parameters of an environment.
    """

    resources: tuple[Resource, ...]
    judgements: Mapping[str, JudgementRow]
    problems: Problems = field(default_factory=Problems)
    required: frozenset[str] = frozenset()
    landings: tuple[RenderedLanding, ...] = ()
    left: StoredRenderings = _NOTHING_LEFT
    profile_of: Callable[[str], str] = no_profile
    deployed: Deployed | None = None

    def judgement(self, item: Resource) -> JudgementRow | None:
        """How a rendered resource was judged, by the parameters of its environment."""
        return self.judgements.get(judgement_of_rendered(item, self.profile_of))

    @property
    def followed(self) -> frozenset[str]:
        """The files of the objects that deploy and were followed: what was not rendered of them is in `problems`."""
        nodes = self.deployed.nodes.values() if self.deployed is not None else ()
        return frozenset(node.plan.deployment.path for node in nodes)

    def resource_rows(self) -> Iterator[tuple[Any, ...]]:
        """Rows of trail.resource without repo."""
        for item in self.resources:
            document = item.document
            yield (
                item.environment, document.api_version, document.kind, document.namespace, document.name, item.path,
                document.line, "", item.rendered_from, document.digest,
            )  # fmt: skip

    def sightings_of(self, item: Resource) -> Iterator[Sighting]:
        """Every violation in a rendered resource."""
        judgement = self.judgement(item)
        for verdict in judgement.verdicts if judgement else ():
            if verdict.outcome == Outcome.FAIL:
                yield rendered_sighting(item, verdict.rule_id, verdict.pointer, verdict.message)


NOTHING_RENDERED = RenderedTip(resources=(), judgements={})


def rendered_sighting(item: Resource, rule_id: str, pointer: str, message: str) -> Sighting:
    """What a rule found in a rendered resource."""
    found = item.id
    # A line of the rendered stream stands in no file, so it is not told.
    return Sighting(
        id=fingerprint(rule_id, item.environment, found.group, found.kind, found.namespace, found.name, pointer),
        rule_id=rule_id, source="rendered", environment=item.environment,
        api_version=item.document.api_version, kind=found.kind, namespace=found.namespace, name=found.name,
        path=item.path, line=0, pointer=pointer, message=message, digest=item.document.digest,
    )  # fmt: skip


def judgement_of_rendered(item: Resource, profile_of: Callable[[str], str]) -> str:
    """Under which key the judgement of a rendered resource is."""
    return judgement_key(item.document.digest, profile_of(item.environment))
