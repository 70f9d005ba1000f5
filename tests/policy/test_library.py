"""The library, the router, the frameworks and the generated pages."""

from pathlib import Path

import pytest
from policy.policy_support import write_rule

from auditor.errors import PolicyError
from auditor.policy.frameworks import FRAMEWORK_NAMES, unknown_rules
from auditor.policy.library import load_library
from auditor.policy.pages import framework_pages, rule_pages, write_pages
from auditor.policy.router import WORKLOAD_KINDS, Router, expand_kinds, kind_of
from auditor.policy.source import code_of, forbidden_calls

LIBRARY = load_library()
DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_at_least_thirty_rules_with_unique_ids():
    ids = [info.id for info in LIBRARY.infos]
    assert len(LIBRARY.rules) >= 30
    assert ids == sorted(set(ids))


def test_every_framework_ships_and_names_rules_that_exist():
    assert sorted(framework.name for framework in LIBRARY.frameworks) == sorted(FRAMEWORK_NAMES)
    assert unknown_rules(LIBRARY.frameworks, [info.id for info in LIBRARY.infos]) == []
    assert all(framework.controls for framework in LIBRARY.frameworks)


def test_soc2_has_the_criteria_of_access_operations_and_change():
    [soc2] = [framework for framework in LIBRARY.frameworks if framework.name == "soc2"]
    wanted = {f"CC6.{n}" for n in range(1, 9)} | {f"CC7.{n}" for n in range(1, 6)} | {"CC8.1"}
    assert wanted <= {control.id for control in soc2.controls}
    # What a container may do is no protection against malicious software; which image it runs is.
    assert ("soc2", "CC6.8") not in LIBRARY.controls_for("AUD-POD-0001")
    assert ("soc2", "CC8.1") in LIBRARY.controls_for("AUD-CHG-0001")
    assert ("soc2", "CC8.1") in LIBRARY.info("AUD-CHG-0001").controls


def test_an_unknown_rule_is_an_error():
    with pytest.raises(PolicyError, match="AUD-NONE-0001"):
        LIBRARY.info("AUD-NONE-0001")


def test_the_digest_changes_with_the_rules(tmp_path):
    write_rule(tmp_path)
    first = load_library(base=tmp_path).digest
    assert first == load_library(base=tmp_path).digest
    write_rule(tmp_path, body='findings contains {"message": "n", "pointer": "p", "details": {}} if true')
    assert load_library(base=tmp_path).digest != first


def test_two_folders_with_one_package_or_id(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    write_rule(tmp_path / "a")
    write_rule(tmp_path / "b", rule_id="SHOP-0002")
    write_rule(tmp_path / "c", name="other")
    with pytest.raises(PolicyError, match="exists already"):
        load_library([tmp_path / "a", tmp_path / "b"])
    with pytest.raises(PolicyError, match="SHOP-0001 is taken"):
        load_library([tmp_path / "a", tmp_path / "c"])


def test_kinds_are_qualified_by_group():
    assert kind_of("v1", "Pod") == "Pod"
    assert kind_of("apps/v1", "Deployment") == "apps/Deployment"
    assert kind_of("", "") == ""
    assert expand_kinds(["workload", "Pod", "Service"]) == tuple(sorted({*WORKLOAD_KINDS, "Service"}))


def test_the_router_sends_a_kind_to_its_rules_only():
    router = Router((("Pod",), ("apps/Deployment", "Pod"), ("*",), ("Secret",)))
    assert router.rules_for("Pod") == (0, 1, 2)
    assert router.rules_for("apps/Deployment") == (1, 2)
    assert router.rules_for("Deployment") == (2,)
    assert router.rules_for("Secret") == (2, 3)


@pytest.mark.parametrize("kind", WORKLOAD_KINDS)
def test_workloads_meet_the_pod_rules(kind):
    met = {LIBRARY.rules[n].id for n in LIBRARY.router.rules_for(kind)}
    assert {f"AUD-POD-{n:04d}" for n in range(1, 20)} <= met


def test_flux_and_kustomize_kustomizations_are_told_apart():
    flux = {
        LIBRARY.rules[n].id for n in LIBRARY.router.rules_for("kustomize.toolkit.fluxcd.io/Kustomization")
    }
    kustomize = {
        LIBRARY.rules[n].id for n in LIBRARY.router.rules_for("kustomize.config.k8s.io/Kustomization")
    }
    assert "AUD-FLUX-0004" in flux - kustomize
    assert "AUD-KUST-0001" in kustomize - flux


@pytest.mark.parametrize(("folder", "pages_of"), [("rules", rule_pages), ("frameworks", framework_pages)])
def test_the_pages_are_current(folder, pages_of):
    pages = pages_of(LIBRARY)
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / folder).glob("*.md")}
    assert sorted(on_disk) == sorted(pages), "`make rules` writes them anew"
    assert [name for name, text in pages.items() if on_disk[name] != text] == [], (
        "`make rules` writes them anew"
    )


def test_every_page_of_a_rego_rule_says_all_that_a_reader_needs():
    pages = rule_pages(LIBRARY)
    assert len(LIBRARY.rules) > 100
    for rule in LIBRARY.rules:
        text = pages[f"{rule.id}.md"]
        for heading in ("## Why", "## What to do", "## What it looks at", "## Fires", "## Does not fire"):
            assert heading in text, f"{rule.id} lacks {heading}"
        for name in rule.metadata.parameters.get("properties", {}):
            assert f"- `{name}` (default" in text


def test_a_framework_page_names_what_is_left_to_people():
    page = framework_pages(LIBRARY)["soc2.md"]
    assert "**Manual:**" in page
    assert "](../rules/AUD-" in page


def test_writing_the_pages_removes_those_of_rules_that_are_gone(tmp_path):
    (tmp_path / "AUD-OLD-0001.md").write_text("old")
    write_pages(rule_pages(LIBRARY), tmp_path)
    assert not (tmp_path / "AUD-OLD-0001.md").exists()
    assert write_pages(rule_pages(LIBRARY), tmp_path) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x := http.send({})", ["http.send"]),
        ("x := net.cidr_contains(a, b)", ["net.cidr_contains"]),
        ('x := "http.send"', []),
        ("# http.send", []),
        ("x := `http.send`", []),
        ("x := input.net.address", []),
        ("x := opa.runtime()", ["opa.runtime"]),
        ("x := rego.parse_module(a, b)", ["rego.parse_module"]),
        ('x := "a\\"" ; y := http.send(z)', ["http.send"]),
    ],
)
def test_forbidden_calls_are_seen_in_code_only(text, found):
    assert forbidden_calls(text) == found
    assert len(code_of(text)) == len(text)
