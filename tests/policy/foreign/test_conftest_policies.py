"""conftest policies as they are: what they say here is what conftest says, and what cannot run is named."""

from __future__ import annotations

import pytest
from policy.foreign.foreign_support import ENGINES, conftest_says, failing, judged, write

from auditor.model import Severity
from auditor.policy.foreign.conftestdata import annotations_of
from auditor.policy.library import load_library

MANIFESTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {team: a}}
spec:
  template:
    spec:
      containers: [{name: c, image: "nginx:latest"}, {name: d, image: "nginx:1"}]
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {type: NodePort, ports: [{port: 22}, {port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: excused}
data: {a: b}
"""


def _files(**files: str) -> dict[str, str]:
    return files


V1 = _files(
    policy__deny_rego="""
        package main

        import data.lib.workloads

        deny contains msg if {
            some container in workloads.containers(input)
            endswith(container.image, ":latest")
            msg := sprintf("%s runs %s", [container.name, container.image])
        }

        deny_labels contains {"msg": msg, "details": {"pointer": "metadata.labels"}} if {
            not input.metadata.labels
            msg := sprintf("%s has no labels", [input.metadata.name])
        }

        warn_ports contains msg if {
            input.kind == "Service"
            some port in input.spec.ports
            port.port in data.services.closed
            msg := sprintf("port %d is open", [port.port])
        }

        exception contains rules if {
            input.metadata.name == "excused"
            rules := ["labels"]
        }
    """,
    policy__workloads_rego="""
        package lib.workloads

        containers(manifest) := manifest.spec.template.spec.containers
    """,
    policy__data__services__x_yaml="closed: [22, 23]\n",
)

V0 = _files(
    policy__deny_rego="""
        package main

        deny[msg] {
            container := input.spec.template.spec.containers[_]
            not allowed(container.image)
            msg := sprintf("%s runs %s", [container.name, container.image])
        }

        allowed(image) { re_match(":[0-9]+$", image) }

        violation[{"msg": msg, "details": {"kind": input.kind}}] {
            kinds := [input.kind == "Service"]
            any(kinds)
            msg := "it is reachable"
        }
    """
)

EXPECTED = {
    "v1": [("shop", "port 22 is open"), ("shop", "shop has no labels"), ("web", "c runs nginx:latest")],
    "v0": [("shop", "it is reachable"), ("web", "c runs nginx:latest")],
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("version", "files"), [("v1", V1), ("v0", V0)])
def test_says_what_the_policies_say(tmp_path, version, files, engine) -> None:
    folder = write(tmp_path, **files) / "policy"
    assert failing(judged(folder, MANIFESTS, engine)) == EXPECTED[version]


@pytest.mark.needs_conftest
@pytest.mark.parametrize(("version", "files"), [("v1", V1), ("v0", V0)])
def test_conftest_says_the_same(tmp_path, version, files) -> None:
    folder = write(tmp_path, **files) / "policy"
    assert conftest_says(folder, MANIFESTS, version=version) == EXPECTED[version]


def test_ids_severities_and_metadata(tmp_path) -> None:
    folder = write(
        tmp_path,
        p__a_rego="""
            # METADATA
            # title: Everything of the shop
            # custom:
            #   severity: high
            package shop.rules

            # METADATA
            # title: No shops
            # description: A shop is not wanted.
            # related_resources: [{ref: "https://example.org"}]
            # custom:
            #   severity: CRITICAL
            #   remediation: Close it.
            deny contains "x" if false

            warn_late contains "y" if false
        """,
    )
    library = load_library((folder / "p",))
    info = library.info("conftest/shop.rules/deny")
    assert (info.title, info.severity, info.remediation) == ("No shops", Severity.CRITICAL, "Close it.")
    assert info.related == ("https://example.org",)
    late = library.info("conftest/shop.rules/warn_late")
    assert (late.title, late.severity) == ("Everything of the shop", Severity.HIGH)


def test_warn_is_low_and_deny_medium_where_nobody_says_more(tmp_path) -> None:
    folder = write(tmp_path, p__a_rego="package a\ndeny[m] { m := 1 }\nwarn[m] { m := 1 }\n")
    library = load_library((folder / "p",))
    assert library.info("conftest/a/deny").severity is Severity.MEDIUM
    assert library.info("conftest/a/warn").severity is Severity.LOW
    assert library.advisory == library.warning == {"conftest/a/warn"}


@pytest.mark.parametrize(
    ("rego", "outcome", "reason"),
    [
        ('package a\ndeny[m] { http.send({"url": "http://x"}); m := "x" }', "skipped", "calls http.send"),
        ("package a\ndeny[m] { m := opa.runtime().env.HOME }", "skipped", "calls opa.runtime"),
        ('package a\ndeny[m] { parse_config("yaml", "a: b"); m := "x" }', "skipped", "calls parse_config"),
        ('package a\ndeny[m] { input[i].contents.kind == "Pod"; m := "x" }', "skipped", "conftest --combine"),
        ('package a\ndeny[m] { data.conftest.file.name; m := "x" }', "skipped", "data.conftest"),
        (
            'package a\nviolation[{"msg": m}] { input.review.object; m := "x" }',
            "skipped",
            "ConstraintTemplate",
        ),
        ("package a\nimport future.keywords.if\ndeny[m] if { m := 1 }", "error", "defines a map"),
        ('package a\ndeny[m] { nosuch(1); m := "x" }', "error", "refuses the policy"),
        ('package a\ndeny := "yes"', "error", "something else than a set"),
        ("package a\ndeny[m] { m := 5 }", "error", "gave no message"),
        ('package a\ndeny[m] { m := {"text": "x"} }', "error", "gave no message"),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_what_cannot_be_told_is_named_and_never_a_pass(tmp_path, rego, outcome, reason, engine) -> None:
    folder = write(tmp_path, p__a_rego=rego) / "p"
    found = judged(folder, "{apiVersion: v1, kind: Pod, metadata: {name: a}}", engine)
    assert [(rule.rpartition("/")[0], said, name) for rule, said, name, _ in found] == [
        ("conftest/a", outcome, "a")
    ]
    assert reason in found[0][3]


def test_one_bad_policy_costs_its_own_verdicts_only(tmp_path) -> None:
    folder = write(
        tmp_path,
        p__bad_rego='package bad\ndeny[m] { nosuch(1); m := "x" }\n',
        p__good_rego='package good\ndeny[m] { input.kind == "Pod"; m := "a pod" }\n',
    )
    found = judged(folder / "p", "{apiVersion: v1, kind: Pod, metadata: {name: a}}")
    assert [(rule, outcome) for rule, outcome, _, _ in found] == [
        ("conftest/bad/deny", "error"),
        ("conftest/good/deny", "fail"),
    ]


def test_two_folders_with_the_same_package_names_stay_apart(tmp_path) -> None:
    one = write(
        tmp_path,
        a__x_rego="package lib\nlimit := 1\n",
        a__y_rego='package p\ndeny[m] { m := sprintf("%d", [data.lib.limit]) }',
    )
    write(
        tmp_path,
        b__x_rego="package lib\nlimit := 2\n",
        b__y_rego='package q\ndeny[m] { m := sprintf("%d", [data.lib.limit]) }',
    )
    library = load_library((one / "a", tmp_path / "b"))
    assert {rule.metadata.id for rule in library.foreign_rules} == {"conftest/p/deny", "conftest/q/deny"}
    assert len([name for name in library.modules if "/lib/" in name and name.startswith("foreign/f")]) == 2


def test_annotations_belong_to_what_stands_below_them() -> None:
    found = annotations_of(
        "# METADATA\n# title: a\npackage x\n\n# METADATA\n# title: b\n\n# more\ndeny contains 1\n"
    )
    assert found == {"package": {"title": "a"}, "deny": {"title": "b"}}
