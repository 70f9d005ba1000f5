"""Kinds that could not be read: nothing of them is deleted or in order, and what depends on them is not judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from crosscheck.cases import History, applied, brief, deployment, resource, snapshot
from crosscheck.test_false_positives import scaled

from auditor.crosscheck import CrossCheckResult, cross_check
from auditor.model import UnreadKind


def check(
    declared: list[dict[str, Any]], found: list[dict[str, Any]], *unread: UnreadKind
) -> CrossCheckResult:
    state = replace(snapshot(*found), unread=unread)
    wanted = [resource(manifest) for manifest in declared]
    from crosscheck.cases import SEEN

    return cross_check(wanted, state, History(*declared[:1]), seen_at=SEEN)


ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "shop"}}


@pytest.mark.parametrize("kind", ["ServiceAccount", "*"])
def test_what_is_declared_of_an_unread_kind_is_unknown_with_its_reason(kind: str) -> None:
    result = check([ACCOUNT], [], UnreadKind(group="", kind=kind, reason="403"))
    assert (result.drift, result.compared) == ((), 0)
    assert [entry.reason for entry in result.unknown] == ["its kind could not be read: 403"]


def test_another_group_s_silence_says_nothing_of_this_one() -> None:
    result = check([ACCOUNT], [], UnreadKind(group="example.org", kind="*", reason="403"))
    assert [entry.reason for entry in result.unknown] == [
        "the snapshot does not hold the kind ServiceAccount: it may or may not exist"
    ]


AUTOSCALERS = UnreadKind(group="autoscaling", kind="HorizontalPodAutoscaler", reason="403")


def test_a_count_that_an_autoscaler_may_have_written_is_unknown_where_none_could_be_read() -> None:
    found = scaled(7, "kube-controller-manager")
    assert [pointer for _, _, pointer in brief(check([deployment()], [found]))] == ["spec.replicas"]
    result = check([deployment()], [found], AUTOSCALERS)
    assert brief(result) == []
    assert ["HorizontalPodAutoscaler could not be read" in entry.reason for entry in result.unknown] == [True]


def test_a_count_that_a_person_wrote_is_drift_all_the_same() -> None:
    result = check([deployment()], [scaled(7, "kubectl")], AUTOSCALERS)
    assert [pointer for _, _, pointer in brief(result)] == ["spec.replicas"]


def test_a_declaration_of_nothing_but_a_name_has_no_owners_to_miss() -> None:
    """As the API server stores a Namespace that was applied without labels: no field, no owner."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    found = {**namespace, "metadata": {"name": "shop", "labels": {"kubernetes.io/metadata.name": "shop"}}}
    result = check([deployment(), namespace], [applied(deployment()), found])
    assert (brief(result), result.unknown, result.compared) == ([], (), 2)
