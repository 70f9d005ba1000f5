"""`auditor policy show` and `list --framework`: what the pages say, in the shell."""

from __future__ import annotations

import json

import pytest
from cli.command import Run

from auditor.policy.library import load_library
from auditor.policy.pages import rule_pages

PAGES = rule_pages(load_library())


@pytest.mark.parametrize("rule", ["AUD-POD-0003", "AUD-CHG-0007", "AUD-YAML-0001"])
def test_show_prints_the_rule_s_page(run: Run, rule: str):
    result = run("policy", "show", rule)
    assert result.code == 0
    assert result.out == PAGES[f"{rule}.md"]


def test_show_gives_programs_the_parameters(run: Run):
    shown = json.loads(run("policy", "show", "AUD-IMG-0003", "--format", "json").out)
    assert shown["scope"] == "resource"
    assert shown["parameters"]["properties"].keys() >= {"allowed"}


def test_the_controls_of_a_framework_name_what_is_manual(run: Run):
    result = run("policy", "list", "--framework", "cis-kubernetes")
    lines = {line.split()[0]: line for line in result.out.splitlines()}
    assert lines["5.2.2"].endswith("[AUD-POD-0001, AUD-HELM-0009]")
    assert lines["5.3.1"].endswith("[manual]")
    assert "controls" in result.err


def test_an_unknown_framework_is_a_usage_error_that_names_those_there_are(run: Run):
    result = run("policy", "list", "--framework", "soc3")
    assert result.code == 2
    assert "soc2" in result.err
