"""Which live object a declared one is, and when nothing can be said of it."""

from __future__ import annotations

import copy

from crosscheck.cases import SEEN, History, applied, brief, check, config_map, deployment, resource, snapshot

from auditor.crosscheck import cross_check


def in_namespace(name: str, namespace: str) -> dict[str, object]:
    manifest = config_map(name=name)
    manifest["metadata"]["namespace"] = namespace
    return manifest


def test_a_manifest_without_a_namespace_is_the_only_one_of_its_name() -> None:
    declared = config_map({"mode": "live"})
    del declared["metadata"]["namespace"]
    found = config_map({"mode": "test"})
    assert brief(check(declared, applied(found))) == [("unauthorised", "ConfigMap/settings", "data.mode")]


def test_a_manifest_without_a_namespace_that_occurs_in_several_is_unknown() -> None:
    declared = config_map()
    del declared["metadata"]["namespace"]
    found = [applied(in_namespace("settings", place)) for place in ("blue", "green")]
    result = check(declared, found)
    assert brief(result) == []
    assert ["blue, green" in item.reason for item in result.unknown] == [True]


def test_a_list_of_one_namespace_says_nothing_about_another() -> None:
    result = check([config_map(), in_namespace("settings", "prod")], applied(config_map()))
    assert brief(result) == []
    assert ["record it with -A" in item.reason for item in result.unknown] == [True]
    namespaces = [("", "Namespace")]
    result = check([config_map(), in_namespace("settings", "prod")], applied(config_map()), kinds=namespaces)
    assert brief(result) == [("deleted", "ConfigMap/settings", "")]


def test_two_different_declarations_of_one_object_are_unknown_and_it_is_not_unmanaged() -> None:
    other = config_map({"mode": "test"})
    result = check([config_map(), other], applied(other))
    assert brief(result) == []
    assert ["declares it differently" in item.reason for item in result.unknown] == [True]
    assert result.compared == 0


def test_what_was_rendered_stands_for_its_raw_file() -> None:
    raw, rendered = config_map({"mode": "raw"}), config_map({"mode": "live"})
    declared = [resource(raw), resource(rendered, rendered_from="apps/kustomization.yaml")]
    result = cross_check(declared, snapshot(applied(rendered)), History(rendered), seen_at=SEEN)
    assert (brief(result), result.unknown, result.compared) == ([], (), 1)


def test_another_api_version_is_unknown_unless_its_definition_converts_nothing() -> None:
    declared = {
        "apiVersion": "example.com/v1beta1",
        "kind": "Thing",
        "metadata": {"name": "t", "namespace": "shop"},
        "spec": {"size": 1},
    }
    found = copy.deepcopy(declared)
    found |= {"apiVersion": "example.com/v1", "spec": {"size": 2}}
    result = check(declared, applied(found))
    assert (brief(result), result.compared) == ([], 0)
    assert ["example.com/v1beta1" in item.reason for item in result.unknown] == [True]
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {"group": "example.com", "names": {"kind": "Thing"}, "versions": [{"name": "v1"}]},
    }
    result = check([declared, definition], [applied(found), applied(definition)])
    assert brief(result) == [("unauthorised", "Thing/t", "spec.size")]


def test_what_never_reaches_the_cluster_is_not_missed_there() -> None:
    kustomization = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "metadata": {}}
    local = config_map(name="local")
    local["metadata"]["annotations"] = {"config.kubernetes.io/local-config": "true"}
    result = check([config_map(), kustomization, local], applied(config_map()))
    assert (brief(result), result.unknown, result.compared) == ([], (), 1)


def test_the_same_kind_and_name_in_another_group_is_another_object() -> None:
    other = deployment() | {"apiVersion": "example.com/v1"}
    result = check(deployment(), [applied(other)], kinds=[("apps", "Deployment")])
    assert [verdict for verdict, _, _ in brief(result)] == ["deleted", "unmanaged"]
