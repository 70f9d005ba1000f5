"""Drift with the names of who did it, on hand-made audit events: exact expectations, and no name where none is due."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cluster.audit_lines import ANN, FLUX, digest, event, text
from crosscheck.cases import (
    History,
    applied,
    check,
    config_map,
    container_of,
    deployment,
    edited_image,
    live_deployment,
    owned,
    resource,
    snapshot,
)

from auditor.cluster.auditlog import AuditLogReader
from auditor.crosscheck import CrossCheckResult
from auditor.crosscheck.attribution_check import with_audit_log
from auditor.model import Drift, DriftVerdict, Severity

EVIL = "evil.example/web:1"
IMAGE = "spec.template.spec.containers[name=web].image"
EDITED = datetime(2026, 8, 30, 10, 15, tzinfo=UTC)
"""When `owned` says that an entry was written; the events' seconds count from 1 September, 12:00."""

AT = (EDITED - datetime(2026, 9, 1, 12, tzinfo=UTC)).total_seconds()
BEGIN = event("create", AT - 3600, objectRef={"resource": "pods", "namespace": "x", "name": "x"})
END = event("create", AT + 7200, objectRef={"resource": "pods", "namespace": "x", "name": "y"})


def patched(image: str = EVIL, seconds: float = AT, **more: Any) -> dict[str, Any]:
    body = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}
    return event("patch", seconds, requestObject=body, level="Request", **more)


def flux(seconds: float, **more: Any) -> dict[str, Any]:
    said = {"user": {"username": FLUX}, "userAgent": "kustomize-controller/v1.9.5"}
    uri = "/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=kustomize-controller&force=true"
    return event("patch", seconds, requestURI=uri, **{**said, **more})


def edited(image: str = EVIL, manager: str = "kubectl-edit", **more: Any) -> dict[str, Any]:
    found = live_deployment(None, edited_image(image, manager, **more))
    container_of(found)["image"] = image
    return found


def joined(
    tmp_path: Path,
    declared: dict[str, Any],
    live: dict[str, Any] | None,
    *events: Any,
    history: History | None = None,
    kinds: Sequence[tuple[str, str]] = (("apps", "Deployment"), ("", "ConfigMap")),
    around: bool = True,
) -> tuple[CrossCheckResult, tuple[str, ...]]:
    """The cross-check with a log that holds the events, between two that are about something else."""
    there = [live] if live else []
    past = history or History(declared)
    result = check(declared, there, past, kinds)
    path = tmp_path / "audit.log"
    path.write_bytes(text(BEGIN, *events, END) if around else text(*events))
    reader = AuditLogReader([path], digest=digest)
    return with_audit_log(
        result,
        [resource(declared)],
        snapshot(*there, kinds=kinds),
        past,
        events=reader.events,
        coverage=reader.coverage,
        digest=digest,
    )


def one(result: CrossCheckResult) -> Drift:
    (found,) = result.drift
    return found


def test_a_body_names_who_set_the_field(tmp_path: Path) -> None:
    other = patched("x", AT - 60, user={"username": "bob@example.com"})
    drift = one(joined(tmp_path, deployment(), edited(), other, patched())[0])
    assert (drift.actor, drift.confidence, drift.manager) == (ANN, "high", "kubectl-edit")
    assert drift.changed_at == EDITED
    assert "its body sets this field, to this very value, under the manager kubectl-edit" in drift.evidence
    assert "audit.log:3" in drift.evidence
    assert "with kubectl/v1.37.1 from 10.0.0.7" in drift.evidence


def test_without_a_body_object_manager_and_second_name_who_it_was(tmp_path: Path) -> None:
    drift = one(joined(tmp_path, deployment(), edited(), event(seconds=AT))[0])
    assert (drift.actor, drift.confidence) == (ANN, "medium")
    assert "the log keeps no body of it" in drift.evidence


def test_a_log_of_the_objects_whole_life_with_one_write_of_the_manager_is_sure(tmp_path: Path) -> None:
    born = event("create", -10_000_000, objectRef={"resource": "pods", "namespace": "x", "name": "z"})
    drift = one(joined(tmp_path, deployment(), edited(), born, event(seconds=AT))[0])
    assert (drift.actor, drift.confidence) == (ANN, "high")


def test_a_write_in_another_second_is_only_a_guess(tmp_path: Path) -> None:
    drift = one(joined(tmp_path, deployment(), edited(), event(seconds=AT - 100))[0])
    assert (drift.actor, drift.confidence) == (ANN, "low")


def test_a_body_with_another_value_in_another_second_is_not_sure(tmp_path: Path) -> None:
    drift = one(joined(tmp_path, deployment(), edited(), patched("something/else:1", AT - 100))[0])
    assert (drift.actor, drift.confidence) == (ANN, "medium")
    assert "to this very value" not in drift.evidence


def test_a_manager_that_wrote_twice_may_have_set_the_field_either_time(tmp_path: Path) -> None:
    born = event("create", -10_000_000, objectRef={"resource": "pods", "namespace": "x", "name": "z"})
    bob = event(seconds=AT - 900, user={"username": "bob@example.com"})
    drift = one(joined(tmp_path, deployment(), edited(), born, bob, event(seconds=AT))[0])
    assert (drift.actor, drift.confidence) == (ANN, "medium")


def test_two_people_in_one_second_are_a_guess(tmp_path: Path) -> None:
    bob = event(seconds=AT + 0.5, user={"username": "bob@example.com"})
    drift = one(joined(tmp_path, deployment(), edited(), event(seconds=AT), bob)[0])
    assert drift.confidence == "low"
    assert "2 writes of that manager agree" in drift.evidence


@pytest.mark.parametrize(
    "other",
    [
        patched(requestURI="/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=somebody"),
        event(seconds=AT, requestObject={"spec": {"replicas": 3}}, level="Request"),
        patched(objectRef={"resource": "deployments", "apiGroup": "apps", "namespace": "dev", "name": "web"}),
        patched(objectRef={"resource": "deployments", "apiGroup": "apps", "namespace": "shop", "name": "api"}),
        patched(objectRef={"resource": "statefulsets", "apiGroup": "apps", "namespace": "shop", "name": "web"}),
        patched(responseObject={"metadata": {"uid": "another-life"}}),
    ],
    ids=["manager", "field", "namespace", "name", "kind", "uid"],
)  # fmt: skip
def test_a_write_of_something_else_names_nobody(tmp_path: Path, other: dict[str, Any]) -> None:
    drift = one(joined(tmp_path, deployment(), edited(), other)[0])
    assert (drift.actor, drift.confidence) == ("kubectl-edit", "medium")
    assert "whose policy may leave such requests out" in drift.evidence
    assert "nobody" not in drift.evidence


def test_a_time_that_the_log_does_not_reach_is_said(tmp_path: Path) -> None:
    late, early = event(seconds=AT + 500), event(seconds=AT - 500)
    for events, words in (((late,), "begins only at"), ((early,), "which ends at")):
        others = [{**one_event, "objectRef": BEGIN["objectRef"]} for one_event in events]
        drift = one(joined(tmp_path, deployment(), edited(), *others, around=False)[0])
        assert f"not in the audit log, which {words.removeprefix('which ')}" in drift.evidence


def test_impersonation_shows_both(tmp_path: Path) -> None:
    acting = patched(user={"username": "root@example.com"}, impersonatedUser={"username": ANN})
    drift = one(joined(tmp_path, deployment(), edited(), acting)[0])
    assert drift.actor == f"root@example.com as {ANN}"
    assert "authenticated as the first, acting as the second" in drift.evidence


def test_whole_objects_written_later_do_not_take_over_the_blame(tmp_path: Path) -> None:
    whole = copy.deepcopy(edited())
    later = event(
        "update", AT + 60, requestObject=whole, level="Request", user={"username": "bob@example.com"}
    )
    drift = one(joined(tmp_path, deployment(), edited(), patched(), later)[0])
    assert drift.actor == ANN


def test_a_person_under_the_gitops_tools_name_makes_a_stale_value_an_unauthorised_one(tmp_path: Path) -> None:
    old = deployment("ghcr.io/example/web:1.1.0")
    uri = "/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=kustomize-controller"
    wrote = patched("ghcr.io/example/web:1.1.0", requestURI=uri)
    history = History(old, deployment())
    drift = one(joined(tmp_path, deployment(), live_deployment(old), wrote, history=history)[0])
    assert (drift.verdict, drift.actor, drift.severity) == (DriftVerdict.UNAUTHORISED, ANN, Severity.HIGH)
    assert "a person wrote under the GitOps manager's name kustomize-controller" in drift.evidence
    by_flux = flux(AT, requestObject=wrote["requestObject"], level="Request")
    drift = one(joined(tmp_path, deployment(), live_deployment(old), by_flux, history=history)[0])
    assert (drift.verdict, drift.actor) == (DriftVerdict.STALE, FLUX)
    assert "(GitOps tool)" in drift.evidence


def test_a_field_that_was_taken_away_is_found_by_the_body_that_did(tmp_path: Path) -> None:
    found = live_deployment()
    variables = container_of(found)["env"]
    container_of(found)["env"] = [entry for entry in variables if entry["name"] != "MODE"]
    body = {
        "spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "MODE", "$patch": "delete"}]}]}}}
    }  # fmt: skip
    drift = one(joined(tmp_path, deployment(), found, event(seconds=AT, requestObject=body))[0])
    assert (drift.live, drift.actor, drift.confidence) == ("", ANN, "high")


def test_a_deletion_is_found_with_who_and_when(tmp_path: Path) -> None:
    drift = one(joined(tmp_path, deployment(), None, event("delete", AT))[0])
    assert (drift.verdict, drift.actor, drift.confidence) == (DriftVerdict.DELETED, ANN, "high")
    assert drift.changed_at == EDITED
    assert drift.manager == "kubectl-edit"


def test_a_deletion_before_the_last_creation_is_not_the_one(tmp_path: Path) -> None:
    made = event("create", AT, responseStatus={"code": 201})
    drift = one(joined(tmp_path, deployment(), None, event("delete", AT - 60), made)[0])
    assert drift.actor == ""
    assert "not in the audit log (" in drift.evidence


@pytest.mark.parametrize(("query", "confidence"), [("", "high"), ("?labelSelector=app%3Dweb", "medium")])
def test_a_deletion_of_many_covers_the_one(tmp_path: Path, query: str, confidence: str) -> None:
    ref = {"resource": "deployments", "apiGroup": "apps", "namespace": "shop"}
    many = event(
        "deletecollection", AT, objectRef=ref, requestURI=f"/apis/apps/v1/namespaces/shop/deployments{query}"
    )
    drift = one(joined(tmp_path, deployment(), None, many)[0])
    assert (drift.actor, drift.confidence) == (ANN, confidence)


def test_what_was_deleted_by_name_was_not_there_for_a_later_deletion_of_many(tmp_path: Path) -> None:
    ref = {"resource": "deployments", "apiGroup": "apps", "namespace": "shop"}
    many = event("deletecollection", AT + 60, objectRef=ref, user={"username": "bob@example.com"})
    drift = one(joined(tmp_path, deployment(), None, event("delete", AT), many)[0])
    assert (drift.actor, drift.confidence) == (ANN, "high")


def test_what_a_namespace_took_along_names_who_ended_the_namespace(tmp_path: Path) -> None:
    ended = event("delete", AT - 5, objectRef={"resource": "namespaces", "namespace": "shop", "name": "shop"})
    ref = {"resource": "deployments", "apiGroup": "apps", "namespace": "shop"}
    controller = {"username": "system:serviceaccount:kube-system:namespace-controller"}
    many = event("deletecollection", AT, objectRef=ref, user=controller)
    drift = one(joined(tmp_path, deployment(), None, ended, many)[0])
    assert drift.actor == ANN
    assert "namespace-controller (controller)" in drift.evidence
    assert "it followed ann@example.com, delete of namespaces" in drift.evidence


def test_what_came_into_the_cluster_names_who_made_it(tmp_path: Path) -> None:
    stranger = applied(config_map(name="extra"))
    stranger["metadata"]["managedFields"] = [owned("kubectl-create", {"data": {"mode": "live"}})]
    result = check(config_map(), [applied(config_map()), stranger])
    ref = {"resource": "configmaps", "namespace": "shop", "name": "extra", "apiVersion": "v1"}
    path = tmp_path / "audit.log"
    path.write_bytes(text(event("create", AT, objectRef=ref, responseStatus={"code": 201})))
    reader = AuditLogReader([path], digest=digest)
    result, _ = with_audit_log(
        result, [resource(config_map())], snapshot(applied(config_map()), stranger), History(),
        events=reader.events, coverage=reader.coverage, digest=digest,
    )  # fmt: skip
    drift = one(result)
    assert (drift.verdict, drift.actor, drift.confidence) == (DriftVerdict.UNMANAGED, ANN, "high")


def test_a_change_and_its_healing_are_a_finding_of_their_own(tmp_path: Path) -> None:
    drift = one(joined(tmp_path, deployment(), live_deployment(), patched(), flux(AT + 10))[0])
    assert (drift.verdict, drift.pointer, drift.actor) == (DriftVerdict.HEALED, IMAGE, ANN)
    assert (drift.confidence, drift.severity, drift.changed_at) == ("high", Severity.HIGH, EDITED)
    assert (
        "changed and healed after 10 s by system:serviceaccount:flux-system:kustomize-controller"
        in drift.evidence
    )
    assert drift.declared == drift.live == '"ghcr.io/example/web:1.2.0"'
    assert EVIL not in repr(drift)


def test_a_scale_and_its_healing_tell_the_count(tmp_path: Path) -> None:
    ref = {
        "resource": "deployments",
        "apiGroup": "apps",
        "namespace": "shop",
        "name": "web",
        "subresource": "scale",
    }
    scaled = event("patch", AT, objectRef=ref, requestObject={"spec": {"replicas": 9}})
    drift = one(joined(tmp_path, deployment(), live_deployment(), scaled, flux(AT + 8))[0])
    assert "spec.replicas set to 9: changed and healed after 8 s" in drift.evidence


def test_an_addition_that_is_gone_again_is_told(tmp_path: Path) -> None:
    added = event("patch", AT, requestObject={"metadata": {"labels": {"team": "x"}}})
    drift = one(joined(tmp_path, deployment(), live_deployment(), added, flux(AT + 3))[0])
    assert (drift.pointer, drift.declared, drift.live) == ("metadata.labels.team", "", "")
    assert (drift.verdict, drift.severity) == (DriftVerdict.HEALED, Severity.LOW)


def test_a_value_that_was_taken_away_and_put_back_is_told(tmp_path: Path) -> None:
    taken = event("patch", AT, requestObject={"metadata": {"labels": {"app": None}}})
    drift = one(joined(tmp_path, deployment(), live_deployment(), taken, flux(AT + 3))[0])
    assert "metadata.labels.app taken away: changed and healed after 3 s" in drift.evidence


def test_a_healed_change_without_a_body_is_less_sure(tmp_path: Path) -> None:
    drift = one(joined(tmp_path, deployment(), live_deployment(), event(seconds=AT), flux(AT + 10))[0])
    assert (drift.verdict, drift.pointer, drift.confidence) == (DriftVerdict.HEALED, "", "medium")
    assert "keeps no body at level Metadata" in drift.evidence


def test_a_deletion_that_flux_made_good_is_told(tmp_path: Path) -> None:
    again = flux(AT + 4, responseStatus={"code": 201})
    drift = one(joined(tmp_path, deployment(), live_deployment(), event("delete", AT), again)[0])
    assert (drift.verdict, drift.actor, drift.severity) == (DriftVerdict.HEALED, ANN, Severity.HIGH)
    assert "deleted and made again after 4 s" in drift.evidence


def test_the_same_change_again_and_again_is_one_finding_with_a_count(tmp_path: Path) -> None:
    events = [
        one_event for n in range(5) for one_event in (patched(seconds=AT + 60 * n), flux(AT + 60 * n + 5))
    ]
    drift = one(joined(tmp_path, deployment(), live_deployment(), *events)[0])
    assert "5 times, first at 2026-08-30T10:15:00Z" in drift.evidence


@pytest.mark.parametrize(
    "events",
    [
        (patched("ghcr.io/example/web:1.2.0"), flux(AT + 10)),
        (patched(),),
        (flux(AT), flux(AT + 10)),
        (patched(user={"username": "system:kube-controller-manager"}), flux(AT + 10)),
        (patched(user={"username": "system:serviceaccount:kube-system:horizontal-pod-autoscaler"}), flux(AT + 10)),
        (event("create", AT, responseStatus={"code": 201}), flux(AT + 10)),
        (event("delete", AT),),
    ],
    ids=["equals-git", "never-healed", "flux-itself", "controller", "autoscaler", "creation", "finalizer"],
)  # fmt: skip
def test_what_was_no_change_past_git_or_was_not_healed_is_no_finding(
    tmp_path: Path, events: tuple[dict[str, Any], ...]
) -> None:
    assert joined(tmp_path, deployment(), live_deployment(), *events)[0].drift == ()


def test_a_write_that_changed_nothing_is_no_change(tmp_path: Path) -> None:
    version = {"responseObject": {"metadata": {"resourceVersion": "4711"}}}
    before = flux(AT - 5, **version)
    assert (
        joined(tmp_path, deployment(), live_deployment(), before, event(seconds=AT, **version), flux(AT + 9))[
            0
        ].drift
        == ()
    )


def test_what_is_still_there_is_drift_and_not_healed_as_well(tmp_path: Path) -> None:
    result, _ = joined(tmp_path, deployment(), edited(), patched(), flux(AT + 10))
    assert [drift.verdict for drift in result.drift] == [DriftVerdict.UNAUTHORISED]


def test_what_git_declared_when_it_was_written_was_no_change_past_it(tmp_path: Path) -> None:
    """Version n of the history landed on day n + 1 of June; the tests' writes are of August."""
    old = deployment("ghcr.io/example/web:1.1.0")
    june_3 = (datetime(2026, 6, 1, 12, tzinfo=UTC) - datetime(2026, 9, 1, 12, tzinfo=UTC)).total_seconds()
    by_ann = patched("ghcr.io/example/web:1.1.0", june_3)
    history = History(old, deployment())
    args = (deployment(), live_deployment(), by_ann, flux(june_3 + 86_400))
    assert joined(tmp_path, *args, history=history)[0].drift == ()
    again = patched("ghcr.io/example/web:1.1.0", june_3 + 5 * 86_400)
    args = (deployment(), live_deployment(), again, flux(june_3 + 6 * 86_400))
    assert one(joined(tmp_path, *args, history=history)[0]).verdict is DriftVerdict.HEALED


def test_a_write_without_body_that_a_new_version_followed_is_hardly_sure(tmp_path: Path) -> None:
    june_2 = (datetime(2026, 6, 2, 8, tzinfo=UTC) - datetime(2026, 9, 1, 12, tzinfo=UTC)).total_seconds()
    history = History(deployment("x"), deployment())
    events = (event(seconds=june_2), flux(june_2 + 7_200))
    drift = one(joined(tmp_path, deployment(), live_deployment(), *events, history=history)[0])
    assert (drift.verdict, drift.confidence) == (DriftVerdict.HEALED, "low")
    assert "git changed in between" in drift.evidence


def test_a_scale_without_its_body_is_still_one_of_the_replicas(tmp_path: Path) -> None:
    ref = {
        "resource": "deployments",
        "apiGroup": "apps",
        "namespace": "shop",
        "name": "web",
        "subresource": "scale",
    }
    drift = one(
        joined(tmp_path, deployment(), live_deployment(), event(seconds=AT, objectRef=ref), flux(AT + 8))[0]
    )
    assert (drift.pointer, drift.confidence) == ("spec.replicas", "medium")


def test_a_change_that_somebody_else_wrote_over_is_told_as_that(tmp_path: Path) -> None:
    bob = patched("ghcr.io/example/web:1.2.0", AT + 30, user={"username": "bob@example.com"})
    drift = one(joined(tmp_path, deployment(), live_deployment(), patched(), bob)[0])
    assert (drift.verdict, drift.actor) == (DriftVerdict.HEALED, ANN)
    assert "changed and overwritten after 30 s by bob@example.com" in drift.evidence


def test_what_was_written_after_the_snapshot_explains_nothing_in_it(tmp_path: Path) -> None:
    result, _ = joined(tmp_path, deployment(), edited(), patched(seconds=3_600))
    assert one(result).actor == "kubectl-edit"
    assert [entry.reason for entry in result.unknown] == [
        "audit log: 1 write is from after the snapshot was taken and was left out"
    ]


def test_a_write_that_explains_drift_is_not_told_as_healed_by_flux_next_write(tmp_path: Path) -> None:
    result, _ = joined(tmp_path, deployment(), edited(), event(seconds=AT), flux(AT + 10))
    assert [drift.verdict for drift in result.drift] == [DriftVerdict.UNAUTHORISED]


def test_undeclared_fields_of_a_whole_object_may_be_defaults_and_are_no_change(tmp_path: Path) -> None:
    whole = live_deployment()
    whole["spec"]["minReadySeconds"] = 5
    written = event("update", AT, requestObject=whole, level="Request")
    assert joined(tmp_path, deployment(), live_deployment(), written, flux(AT + 9))[0].drift == ()


def test_lines_that_could_not_be_read_make_it_incomplete(tmp_path: Path) -> None:
    result, incomplete = joined(tmp_path, deployment(), edited(), b"{cut", patched())
    assert incomplete == (
        "1 line of the audit log could not be read: audit.log:2: no JSON: "
        + incomplete[0].rpartition("no JSON: ")[2],
    )
    assert any(entry.reason.startswith("audit log: audit.log:2: no JSON") for entry in result.unknown)
    assert joined(tmp_path, deployment(), edited(), patched())[1] == ()


def test_an_empty_log_proves_nothing(tmp_path: Path) -> None:
    result, incomplete = joined(tmp_path, deployment(), edited(), around=False)
    assert incomplete == ("the audit log holds no event",)
    assert "which holds no event" in one(result).evidence


def test_a_custom_resource_is_found_by_the_plural_of_its_definition(tmp_path: Path) -> None:
    gateway = {
        "apiVersion": "x.example/v1",
        "kind": "Gateway",
        "metadata": {"name": "g", "namespace": "shop"},
        "spec": {"a": 1},
    }
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "gatewayz.x.example"},
        "spec": {"group": "x.example", "names": {"kind": "Gateway", "plural": "gatewayz"}, "versions": []},
    }
    result = check([gateway], [definition], kinds=[("x.example", "Gateway")])
    path = tmp_path / "audit.log"
    ref = {"resource": "gatewayz", "apiGroup": "x.example", "namespace": "shop", "name": "g"}
    path.write_bytes(text(event("delete", AT, objectRef=ref)))
    reader = AuditLogReader([path], digest=digest)
    result, _ = with_audit_log(
        result, [resource(gateway)], snapshot(definition), History(), events=reader.events, coverage=reader.coverage, digest=digest
    )  # fmt: skip
    deleted = [drift for drift in result.drift if drift.verdict is DriftVerdict.DELETED]
    assert [drift.actor for drift in deleted] == [ANN]
