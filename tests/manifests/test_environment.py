"""Paths and their environments, by the layouts that GitOps repositories use."""

from __future__ import annotations

import pytest

from auditor.manifests.environment import EnvironmentRule, environment_of


@pytest.mark.parametrize(
    ("path", "environment"),
    [
        ("clusters/production/apps.yaml", "production"),
        ("clusters/prod-eu/flux-system/gotk-sync.yaml", "prod-eu"),
        ("kubernetes/clusters/main/x/y.yaml", "main"),
        ("clusters/README.yaml", "default"),
        ("environments/qa/app.yaml", "qa"),
        ("envs/blue/app.yaml", "blue"),
        ("env/Prod/app.yaml", "Prod"),
        ("apps/web/overlays/eu-west/kustomization.yaml", "eu-west"),
        ("apps/web/overlays/kustomization.yaml", "default"),
        ("apps/production/web.yaml", "production"),
        ("apps/staging/podinfo-values.yaml", "staging"),
        ("prod/web.yaml", "prod"),
        ("apps/prod.yaml", "default"),
        ("apps/base/podinfo/release.yaml", "base"),
        ("bases/x.yaml", "base"),
        ("apps/prod/base/x.yaml", "prod"),
        ("clusters/a/overlays/b/x.yaml", "a"),
        ("kubernetes/apps/default/plex/ks.yaml", "default"),
        ("x.yaml", "default"),
        ("production-notes/x.yaml", "default"),
    ],
)
def test_conventions(path: str, environment: str) -> None:
    assert environment_of(path) == environment


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("kubernetes/main", "kubernetes/main/apps/x.yaml", True),
        ("kubernetes/main/", "kubernetes/main/apps/x.yaml", True),
        ("kubernetes/main", "kubernetes/mainline/x.yaml", False),
        ("kubernetes/*/apps", "kubernetes/a/apps/x.yaml", True),
        ("kubernetes/*/apps", "kubernetes/a/b/apps/x.yaml", False),
        ("**/prod/**", "a/b/prod/c/x.yaml", True),
        ("**/prod/**", "prod/x.yaml", True),
        ("**/prod/**", "a/preprod/x.yaml", False),
        ("**/*-prod.yaml", "a/b/web-prod.yaml", True),
        ("a.b", "aXb", False),
        ("?.yaml", "x.yaml", True),
        ("**", "any/thing.yaml", True),
    ],
)
def test_globs(glob: str, path: str, matches: bool) -> None:
    rule = EnvironmentRule(glob=glob, environment="chosen")
    assert (environment_of(path, [rule]) == "chosen") is matches


def test_the_first_matching_rule_wins_over_later_ones_and_conventions() -> None:
    rules = [
        EnvironmentRule(glob="clusters/production/lab", environment="lab"),
        EnvironmentRule(glob="clusters/**", environment="all"),
    ]
    assert environment_of("clusters/production/lab/x.yaml", rules) == "lab"
    assert environment_of("clusters/production/x.yaml", rules) == "all"
    assert environment_of("apps/production/x.yaml", rules) == "production"
