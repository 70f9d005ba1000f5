"""One case for each of the seven verdicts, on objects as a cluster really has them."""

from __future__ import annotations

import copy

from crosscheck.cases import (
    FLUX,
    History,
    applied,
    brief,
    check,
    config_map,
    container_of,
    deployment,
    edited_image,
    live_deployment,
    only,
    owned,
    sha,
)

from auditor.model import DriftVerdict, Severity

IMAGE = "spec.template.spec.containers[name=web].image"


def test_what_the_api_server_and_its_controllers_fill_in_is_no_drift() -> None:
    result = check(deployment(), live_deployment())
    assert brief(result) == []
    assert result.unknown == ()
    assert result.compared == 1


def test_a_value_that_somebody_edited_is_unauthorised_and_names_the_manager_and_the_commit() -> None:
    found = live_deployment(None, edited_image("evil.example/web:1"))
    container_of(found)["image"] = "evil.example/web:1"
    old = deployment("ghcr.io/example/web:1.1.0")
    drift = only(check(deployment(), found, History(old, deployment(replicas=1), deployment())))
    assert (drift.verdict, drift.pointer, drift.severity) == (DriftVerdict.UNAUTHORISED, IMAGE, Severity.HIGH)
    assert (drift.declared, drift.live) == ('"ghcr.io/example/web:1.2.0"', '"evil.example/web:1"')
    assert (drift.manager, drift.confidence, drift.matches_commit) == ("kubectl-edit", "medium", "")
    assert drift.changed_at is not None
    assert drift.changed_at.isoformat() == "2026-08-30T10:15:00+00:00"
    assert "kubectl-edit (Update) since 2026-08-30T10:15:00Z" in drift.evidence
    assert "self-declared" in drift.evidence
    # Version 1 set the image; version 2 changed only the replicas.
    assert (drift.declared_sha, drift.declared_by) == (sha(1), "dev1")


def test_an_older_version_that_the_gitops_manager_holds_is_stale() -> None:
    old = deployment("ghcr.io/example/web:1.1.0")
    drift = only(check(deployment(), live_deployment(old), History(old, deployment())))
    assert (drift.verdict, drift.pointer) == (DriftVerdict.STALE, IMAGE)
    assert (drift.matches_commit, drift.declared_sha, drift.manager) == (sha(0), sha(1), FLUX)


def test_an_older_version_that_a_person_put_back_is_an_unauthorised_rollback() -> None:
    old = deployment("ghcr.io/example/web:1.1.0")
    found = live_deployment(old, edited_image("ghcr.io/example/web:1.1.0", "kubectl-rollout"))
    del found["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:template"]["f:spec"]["f:containers"]
    drift = only(check(deployment(), found, History(old, deployment())))
    assert (drift.verdict, drift.matches_commit) == (DriftVerdict.UNAUTHORISED, sha(0))
    assert "unauthorised rollback" in drift.evidence
    assert drift.manager == "kubectl-rollout"


def test_an_older_version_that_flux_reports_as_synced_is_stale_whoever_owns_the_field() -> None:
    old = deployment("ghcr.io/example/web:1.1.0")
    found = live_deployment(old, edited_image("ghcr.io/example/web:1.1.0", "image-automation"))
    kustomization = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "apps", "namespace": "flux-system"},
        "spec": {"interval": "10m"},
        "status": {"lastAppliedRevision": f"main@sha1:{sha(0)}"},
    }
    result = check([deployment(), kustomization], [found, kustomization], History(old, deployment()))
    assert [(item.verdict, item.matches_commit) for item in result.drift] == [(DriftVerdict.STALE, sha(0))]


def test_without_managed_fields_an_older_version_is_stale_and_nobody_is_named() -> None:
    old = deployment("ghcr.io/example/web:1.1.0")
    found = live_deployment(old)
    del found["metadata"]["managedFields"]
    result = check(deployment(), found, History(old, deployment()))
    drift = only(result)
    assert (drift.verdict, drift.confidence, drift.manager) == (DriftVerdict.STALE, "low", "")
    assert "no managedFields" in drift.evidence
    assert any("--show-managed-fields" in item.reason for item in result.unknown)


def test_a_person_s_change_beside_a_stale_field_are_two_verdicts() -> None:
    old = deployment("ghcr.io/example/web:1.1.0")
    found = live_deployment(old, owned("kubectl", {"spec": {"replicas": 9}}, subresource="scale"))
    found["spec"]["replicas"] = 9
    del found["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:replicas"]
    result = check(deployment(), found, History(old, deployment()))
    assert brief(result) == [
        ("unauthorised", "Deployment/web", "spec.replicas"),
        ("stale", "Deployment/web", IMAGE),
    ]


def test_a_container_that_somebody_added_is_one_addition() -> None:
    sidecar = {"name": "miner", "image": "evil.example/miner:1", "args": ["--all"], "env": [{"name": "A"}]}
    pod = {"spec": {"template": {"spec": {"containers": [sidecar]}}}}
    found = live_deployment(None, owned("kubectl-patch", pod))
    found["spec"]["template"]["spec"]["containers"].append(
        {**sidecar, "terminationMessagePath": "/dev/termination-log", "resources": {}}
    )
    drift = only(check(deployment(), found))
    assert drift.verdict == DriftVerdict.ADDED
    assert drift.pointer == "spec.template.spec.containers[name=miner]"
    assert (drift.manager, drift.declared, drift.severity) == ("kubectl-patch", "", Severity.HIGH)
    assert "evil.example/miner:1" in drift.live


def test_an_added_annotation_is_reported_by_its_quoted_key() -> None:
    note = {"metadata": {"annotations": {"example.com/owner.team": "me"}}}
    found = live_deployment(None, owned("kubectl-annotate", note))
    found["metadata"]["annotations"]["example.com/owner.team"] = "me"
    drift = only(check(deployment(), found))
    assert drift.pointer == 'metadata.annotations["example.com/owner.team"]'
    assert (drift.verdict, drift.severity) == (DriftVerdict.ADDED, Severity.LOW)


def test_a_security_setting_that_somebody_added_is_critical() -> None:
    piece = {"spec": {"template": {"spec": {"hostNetwork": True}}}}
    declared = deployment()
    del declared["spec"]["template"]["spec"]["hostNetwork"]
    found = live_deployment(declared, owned("kubectl-edit", piece))
    found["spec"]["template"]["spec"]["hostNetwork"] = True
    drift = only(check(declared, found))
    assert (drift.pointer, drift.severity) == ("spec.template.spec.hostNetwork", Severity.CRITICAL)


def test_a_field_that_git_dropped_and_the_gitops_manager_still_applies_is_unpruned() -> None:
    before = config_map({"mode": "live", "debug": "on"})
    drift = only(check(config_map(), applied(before), History(before, config_map())))
    assert (drift.verdict, drift.pointer, drift.live) == (DriftVerdict.UNPRUNED, "data.debug", '"on"')
    assert drift.declared_sha == sha(1)
    assert sha(0)[:12] in drift.evidence


def test_a_declared_object_that_a_complete_list_does_not_hold_is_deleted() -> None:
    other = applied(config_map(name="other"))
    drift = only(check([config_map(), config_map(name="other")], other))
    assert (drift.verdict, drift.id.name, drift.pointer) == (DriftVerdict.DELETED, "settings", "")
    assert (drift.declared_sha, drift.live, drift.severity) == (sha(0), "", Severity.HIGH)


def test_absence_of_a_kind_that_was_not_listed_is_unknown_and_never_deleted() -> None:
    result = check([config_map(), deployment()], live_deployment())
    assert brief(result) == []
    assert [(str(item.id), "ConfigMap" in item.reason) for item in result.unknown] == [
        ("ConfigMap shop/settings", True)
    ]
    assert result.compared == 1


def test_a_tracked_object_that_was_never_in_git_is_an_orphan() -> None:
    stray = applied(config_map(name="stray"))
    stray["metadata"]["labels"] = {
        "kustomize.toolkit.fluxcd.io/name": "apps",
        "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    }
    drift = only(check(config_map(), [applied(config_map()), stray]))
    assert (drift.verdict, drift.id.name) == (DriftVerdict.ORPHAN, "stray")
    assert "Kustomization flux-system/apps" in drift.evidence


def test_a_live_object_that_git_once_declared_is_unpruned_as_a_whole() -> None:
    gone = config_map(name="gone")
    result = check(
        config_map(), [applied(config_map()), applied(gone)], History(config_map(), removed=[gone])
    )
    drift = only(result)
    assert (drift.verdict, drift.id.name, drift.pointer) == (DriftVerdict.UNPRUNED, "gone", "")
    assert (drift.declared_sha, drift.declared_by) == (sha(90), "dev90")


def test_an_object_that_nobody_tracks_is_unmanaged() -> None:
    own = config_map(name="mine")
    own["metadata"]["managedFields"] = [owned("kubectl-create", {"data": {"mode": "live"}})]
    drift = only(check(config_map(), [applied(config_map()), own]))
    assert (drift.verdict, drift.id.name, drift.manager) == (DriftVerdict.UNMANAGED, "mine", "kubectl-create")


def test_every_drift_of_a_secret_holds_digests_only() -> None:
    declared = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "shop"},
        "stringData": {"password": "auditor-redacted:secret:00000000000000aa"},
    }
    found = copy.deepcopy(declared)
    found["data"] = found.pop("stringData")
    assert brief(check(declared, applied(found))) == []
    found["data"]["password"] = "auditor-redacted:secret:00000000000000bb"
    drift = only(check(declared, applied(found)))
    assert (drift.pointer, drift.severity) == ("data.password", Severity.HIGH)
    assert drift.live == '"auditor-redacted:secret:00000000000000bb"'


def test_a_declared_field_that_is_gone_names_the_last_stranger_with_low_confidence() -> None:
    found = live_deployment(None, edited_image("ghcr.io/example/web:1.2.0"))
    del container_of(found)["resources"]["limits"]["memory"]
    drift = only(check(deployment(), found))
    assert drift.pointer.endswith("resources.limits.memory")
    assert (drift.verdict, drift.live, drift.confidence) == (DriftVerdict.UNAUTHORISED, "", "low")
    assert "leaves no owner" in drift.evidence


def test_one_object_whose_managed_fields_were_cleared_is_said_to_be_so() -> None:
    cleared = live_deployment()
    del cleared["metadata"]["managedFields"]
    result = check([deployment(), config_map()], [cleared, applied(config_map())])
    assert [(str(item.id), "cleared" in item.reason) for item in result.unknown] == [
        ("apps/Deployment shop/web", True)
    ]
