"""Rules that met nothing at the tip: is nothing of their kinds there, or may it be where nobody looked?

A rule that was asked and has no object to look at is not applicable, which is no pass. That can only be said where
the whole tip was seen: what a file that cannot be read declares, or a chart that nobody renders makes, may be just
what the rule looks for, and then the rule has skipped it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from auditor.manifests.sourcenames import is_source_name
from auditor.policy.router import is_source_kind

CHARTS = "charts"
"""The subject of gaps about objects that bring in what is not rendered here."""

NOT_RENDERED = "what it installs is not in the repository as manifests, and so was not judged"

_BRING_IN = frozenset(
    {
        "argoproj.io/Application",
        "argoproj.io/ApplicationSet",
        "helm.cattle.io/HelmChart",
        "helm.toolkit.fluxcd.io/HelmRelease",
    }
)
"""Kinds that install what is made elsewhere, by "group/Kind": a chart, or another repository."""

_OWN_GROUPS = ("toolkit.fluxcd.io", "kustomize.config.k8s.io")
_OWN_KINDS = frozenset(
    {
        "argoproj.io/Application",
        "argoproj.io/ApplicationSet",
        "argoproj.io/AppProject",
        "helm.cattle.io/HelmChart",
    }
)

Counts = tuple[int, int, int, int]
"""Evaluated, failed, skipped, errors."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unseen:
    """What was not looked into at the tip.

    `unread` are paths of files that could not be read, `unrendered` folders that were not rendered; `bringing` are the
    objects of each kind that install what is not here: how many, and the path of one.
    """

    unread: tuple[str, ...] = ()
    unrendered: tuple[str, ...] = ()
    bringing: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def hiding(self, kinds: Iterable[str]) -> int:
        """How many of these may hold an object of the kinds: 0 where none can."""
        looked_at = tuple(kinds)
        of_cluster = [kind for kind in looked_at if not is_source_kind(kind)]
        sources = sum(is_source_name(path) for path in self.unread)
        if not of_cluster:
            return sources if looked_at else 0
        installed = len(self.unrendered) + sum(number for number, _ in self.bringing.values())
        # Charts make what runs in a cluster; what tells a GitOps tool what to install stands in the repository.
        by_chart = installed if any(not _is_gitops(kind) for kind in of_cluster) else 0
        return len(self.unread) - sources + by_chart


def bringing_in(resources: Iterable[tuple[str, str]]) -> dict[str, tuple[int, str]]:
    """How many of the ("group/Kind", path) install what is not in the repository, by kind, with the first path."""
    counted: Counter[str] = Counter()
    first: dict[str, str] = {}
    for kind, path in resources:
        if kind in _BRING_IN:
            counted[kind] += 1
            first.setdefault(kind, path)
    return {kind: (number, first[kind]) for kind, number in sorted(counted.items())}


def with_those_that_met_nothing(
    results: Mapping[str, Counts], asked: Mapping[str, tuple[str, ...]], unseen: Unseen
) -> dict[str, Counts]:
    """The results, and those of every rule that was `asked` (its kinds by id) and is in none of them.

    All four are 0 where nothing of its kinds is there; where something may be, it counts as skipped.
    """
    return dict(results) | dict(_without_subject(results, asked, unseen))


def _without_subject(
    results: Mapping[str, Counts], asked: Mapping[str, tuple[str, ...]], unseen: Unseen
) -> Iterator[tuple[str, Counts]]:
    hidden: dict[tuple[str, ...], int] = {}
    for rule_id, kinds in asked.items():
        if any(results.get(rule_id, (0,))):
            continue
        if kinds not in hidden:
            hidden[kinds] = unseen.hiding(kinds)
        yield rule_id, (0, 0, hidden[kinds], 0)


def _is_gitops(kind: str) -> bool:
    group = kind.rpartition("/")[0]
    return kind in _OWN_KINDS or group.endswith(_OWN_GROUPS)
