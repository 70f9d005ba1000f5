"""Which rules a document meets, by its group and kind. Cost is rules evaluated, so evaluate few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from auditor.policy.workloads import KNOWN_WORKLOADS, KUBERNETES_WORKLOADS

WORKLOAD_KINDS = tuple(sorted((*KUBERNETES_WORKLOADS, *KNOWN_WORKLOADS)))
"""Every known kind that holds a pod specification: what the alias "workload" in `custom.kinds` means."""

SOURCE_GROUPS = frozenset({"ci", "docker", "terraform"})
"""Groups of documents that are no Kubernetes resources: a rule for every kind ("*") does not mean them."""

_ALIASES: Mapping[str, tuple[str, ...]] = {"workload": WORKLOAD_KINDS}


def expand_kinds(kinds: Iterable[str]) -> tuple[str, ...]:
    """`custom.kinds` with the aliases written out, sorted, without repetition."""
    return tuple(sorted({full for kind in kinds for full in _ALIASES.get(kind, (kind,))}))


def kind_of(api_version: str, kind: str) -> str:
    """ "group/Kind", or "Kind" in the core group: the form that `custom.kinds` uses."""
    group = api_version.rpartition("/")[0]
    return f"{group}/{kind}" if group else kind


def is_source_kind(kind: str) -> bool:
    """True for a "group/Kind" that is read out of Terraform, a Dockerfile or a pipeline of CI."""
    return kind.partition("/")[0] in SOURCE_GROUPS


@dataclass(slots=True)
class Router:
    """Numbers of rules by kind. `kinds[n]` are the expanded kinds of rule n.

    "*" is every Kubernetes kind, "terraform/*" every kind of that group.
    """

    kinds: tuple[tuple[str, ...], ...]
    _routes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def rules_for(self, kind: str) -> tuple[int, ...]:
        """The numbers of the rules that look at this "group/Kind"; the answer is kept."""
        found = self._routes.get(kind)
        if found is None:
            every = f"{kind.partition('/')[0]}/*" if is_source_kind(kind) else "*"
            found = tuple(n for n, kinds in enumerate(self.kinds) if kind in kinds or every in kinds)
            self._routes[kind] = found
        return found

    def with_workloads(self, kinds: Iterable[str]) -> Router:
        """A router by which these kinds too meet every rule that looks at all workloads."""
        new = tuple(sorted(set(kinds) - set(WORKLOAD_KINDS)))
        if not new:
            return self
        known = set(WORKLOAD_KINDS)
        return Router(tuple((*looked, *new) if known <= set(looked) else looked for looked in self.kinds))
