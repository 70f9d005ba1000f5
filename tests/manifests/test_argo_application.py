"""Applications: every kind of source, where what they declare goes, and what cannot be rendered here."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from auditor.manifests.deployments.addresses import is_one_of, same_address, without_credentials
from auditor.manifests.deployments.declared import DeclaredSet, declared_set, environments
from auditor.manifests.deployments.globs import Dialect, matches
from auditor.manifests.deployments.interface import ProblemCause
from auditor.manifests.deployments.options import Cluster, DeploymentOptions
from auditor.manifests.secrets import Redactor

URL = "https://example.org/team/config.git"
_TOOLS = Path(__file__).parents[2] / ".tools" / "bin"
needs_helm = pytest.mark.skipif(
    not (_TOOLS / "helm").exists() and shutil.which("helm") is None, reason="needs helm"
)


@pytest.fixture(autouse=True)
def _helm_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{_TOOLS}")


class Tree:
    """A tree in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {path: text.encode() for path, text in files.items()}

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


def application(name: str, source: Any = None, *, sources: Any = None, **spec: Any) -> str:
    """An Application; `source` and `sources` lack only the address."""
    fields: dict[str, Any] = {
        "project": "default",
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "web"},
    }
    if source is not None:
        fields["source"] = {"repoURL": URL, **source}
    if sources is not None:
        fields["sources"] = [{"repoURL": URL, **entry} for entry in sources]
    return json.dumps(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "namespace": "argocd"},
            "spec": {**fields, **spec},
        }
    )


def config(name: str, **metadata: Any) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}})


def declared(files: dict[str, str], *, environment: str | None = None, **options: Any) -> DeclaredSet:
    chosen = {"repository_urls": frozenset({URL}), **options}
    return declared_set(
        Tree(files),
        environment=environment,
        redactor=Redactor(b"k" * 32),
        options=DeploymentOptions(**chosen),
    )


def rendered(found: DeclaredSet) -> list[tuple[str, str]]:
    """Namespace and name of what was rendered, but Applications."""
    return sorted(
        (entry.id.namespace, entry.id.name)
        for entry in found.resources
        if entry.rendered_from and entry.id.kind != "Application"
    )


def problems(found: DeclaredSet) -> list[tuple[ProblemCause, str]]:
    return [(problem.cause, problem.message) for problem in found.problems]


def manifest(found: DeclaredSet, name: str) -> Any:
    (one,) = [entry for entry in found.resources if entry.id.name == name and entry.rendered_from]
    return one.document.manifest


DIRECTORY = {
    "app/a.yaml": config("a"),
    "app/b.json": config("b", namespace="own"),
    "app/notes.txt": "no manifest",
    "app/values.yaml": "replicas: 1\n",
    "app/deep/c.yml": config("c"),
    "app/deep/config-d.yaml": config("d"),
    "app/skipped.yaml": config("e") + "\n# +argocd:skip-file-rendering\n",
}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["a", "b"]),
        ({"recurse": True}, ["a", "b", "c", "d"]),
        ({"recurse": True, "include": "*.yaml"}, ["a", "d"]),
        ({"recurse": True, "include": "{*.yml,a.yaml}"}, ["a", "c"]),
        ({"recurse": True, "exclude": "deep/*"}, ["a", "b"]),
        ({"recurse": True, "exclude": "{config-*,deep/config-*}", "include": "*.y*ml"}, ["a", "c"]),
    ],
)
def test_a_folder_of_manifests(options: dict[str, Any], names: list[str]) -> None:
    files = {**DIRECTORY, "argocd/app.yaml": application("app", {"path": "app", "directory": options})}
    found = declared(files)
    assert [name for _, name in sorted(rendered(found), key=lambda entry: entry[1])] == names
    assert problems(found) == []


def test_jsonnet_is_named_and_the_rest_is_rendered() -> None:
    files = {**DIRECTORY, "app/x.jsonnet": "{}", "argocd/app.yaml": application("app", {"path": "app"})}
    found = declared(files)
    assert len(rendered(found)) == 2
    ((cause, message),) = problems(found)
    assert cause is ProblemCause.UNSUPPORTED
    assert "app/x.jsonnet" in message


def test_the_destinations_namespace_goes_where_none_is_named_and_one_may_be() -> None:
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "tenants.example.org"},
        "spec": {"scope": "Cluster", "group": "example.org", "names": {"kind": "Tenant"}},
    }
    files = {
        "crds/tenant.json": json.dumps(crd),
        "app/a.yaml": "\n---\n".join(
            [
                config("a"),
                config("b", namespace="own"),
                '{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "c", "namespace": "x"}}',
                '{"apiVersion": "example.org/v1", "kind": "Tenant", "metadata": {"name": "d"}}',
                '{"apiVersion": "example.org/v1", "kind": "Team", "metadata": {"name": "e"}}',
            ]
        ),
        "argocd/app.yaml": application("app", {"path": "app"}),
    }
    assert rendered(declared(files)) == [("", "c"), ("", "d"), ("own", "b"), ("web", "a"), ("web", "e")]


KUSTOMIZE = {
    "app/kustomization.yaml": json.dumps(
        {
            "resources": ["d.yaml"],
            "namePrefix": "old-",
            "images": [
                {"name": "web", "newName": "registry/web", "newTag": "1"},
                {"name": "db", "newTag": "9"},
            ],
            "commonAnnotations": {"team": "a"},
        }
    ),
    "app/d.yaml": json.dumps(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": "web"}},
                "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {
                        "containers": [{"name": "web", "image": "web"}, {"name": "db", "image": "db:1"}]
                    },
                },
            },
        }
    ),
    "parts/kustomization.yaml": json.dumps(
        {
            "kind": "Component",
            "apiVersion": "kustomize.config.k8s.io/v1alpha1",
            "commonAnnotations": {"part": "yes"},
        }
    ),
}


def kustomized(**options: Any) -> DeclaredSet:
    files = {**KUSTOMIZE, "argocd/app.yaml": application("app", {"path": "app", "kustomize": options})}
    return declared(files)


def test_kustomize_options_replace_what_the_kustomization_says() -> None:
    found = kustomized(
        namePrefix="new-",
        nameSuffix="-x",
        namespace="inner",
        images=["web=other/web:2", "db:*"],
        replicas=[{"name": "web", "count": 3}],
        commonAnnotations={"app": "${ARGOCD_APP_NAME}"},
        commonAnnotationsEnvsubst=True,
    )
    assert problems(found) == []
    one = manifest(found, "new-web-x")
    assert one["metadata"]["namespace"] == "inner"
    assert one["metadata"]["annotations"] == {"team": "a", "app": "app"}
    assert one["spec"]["replicas"] == 3
    images = [entry["image"] for entry in one["spec"]["template"]["spec"]["containers"]]
    # An entry for `web` is replaced whole; the asterisk keeps the tag that `db` had.
    assert images == ["other/web:2", "db:9"]


def test_kustomize_labels_with_and_without_selectors() -> None:
    one = manifest(kustomized(commonLabels={"tier": "x"}), "old-web")
    assert one["spec"]["selector"]["matchLabels"] == {"app": "web", "tier": "x"}
    one = manifest(kustomized(commonLabels={"tier": "x"}, labelWithoutSelector=True), "old-web")
    assert one["metadata"]["labels"] == {"tier": "x"}
    assert one["spec"]["selector"]["matchLabels"] == {"app": "web"}
    assert one["spec"]["template"]["metadata"]["labels"] == {"app": "web"}
    one = manifest(
        kustomized(commonLabels={"tier": "x"}, labelWithoutSelector=True, labelIncludeTemplates=True),
        "old-web",
    )
    assert one["spec"]["template"]["metadata"]["labels"] == {"app": "web", "tier": "x"}


def test_kustomize_patches_and_components() -> None:
    patch = [{"op": "replace", "path": "/spec/replicas", "value": 5}]
    found = kustomized(
        patches=[{"target": {"kind": "Deployment"}, "patch": json.dumps(patch)}],
        components=["../parts", "../nowhere"],
        ignoreMissingComponents=True,
    )
    one = manifest(found, "old-web")
    assert one["spec"]["replicas"] == 5
    assert one["metadata"]["annotations"] == {"team": "a", "part": "yes"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"commonAnnotations": {"team": "b"}}, "has the annotation team already"),
        ({"images": ["web"]}, "names neither a tag"),
        ({"components": ["../nowhere"]}, "nowhere"),
        ({"components": ["https://example.org/parts"]}, "from the network"),
        ({"labelIncludeTemplates": True, "commonLabels": {"a": "b"}}, "labelWithoutSelector"),
    ],
)
def test_what_makes_argo_cd_fail_is_a_problem(options: dict[str, Any], words: str) -> None:
    found = kustomized(**options)
    assert rendered(found) == []
    ((_, message),) = problems(found)
    assert words in message


def test_forced_annotations_win() -> None:
    one = manifest(kustomized(commonAnnotations={"team": "b"}, forceCommonAnnotations=True), "old-web")
    assert one["metadata"]["annotations"] == {"team": "b"}


def test_kustomize_options_for_a_folder_without_a_kustomization() -> None:
    files = {
        **DIRECTORY,
        "argocd/app.yaml": application("app", {"path": "app", "kustomize": {"namePrefix": "x-"}}),
    }
    ((cause, message),) = problems(declared(files))
    assert cause is ProblemCause.BUILD
    assert "has no kustomization" in message


CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "chart/values.yaml": "a: default\nb: default\nc: default\nd: default\n",
    "chart/values-prod.yaml": "a: prod\n",
    "chart/envs/one.yaml": "b: one\n",
    "chart/envs/two.yaml": "b: two\n",
    "shared/all.yaml": "c: shared\n",
    "chart/crds/crd.yaml": json.dumps(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "things.example.org"},
        }
    ),
    "chart/templates/cm.yaml": """
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-cm
data:
  values: "{{ .Values.a }} {{ .Values.b }} {{ .Values.c }} {{ .Values.d }}"
  namespace: {{ .Release.Namespace }}
""",
}


def charted(options: dict[str, Any], **further: str) -> DeclaredSet:
    files = {**CHART, **further, "argocd/app.yaml": application("app", {"path": "chart", "helm": options})}
    return declared(files)


@needs_helm
@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({}, "default default default default"),
        ({"valueFiles": ["values-prod.yaml"]}, "prod default default default"),
        ({"valueFiles": ["/shared/all.yaml", "../shared/all.yaml"]}, "default default shared default"),
        ({"valueFiles": ["envs/*.yaml"]}, "default two default default"),
        # What is named by itself counts where it is named.
        ({"valueFiles": ["envs/*.yaml", "envs/one.yaml"]}, "default one default default"),
        ({"valueFiles": ["none.yaml"], "ignoreMissingValueFiles": True}, "default default default default"),
        ({"valueFiles": ["values-prod.yaml"], "values": "a: text\nb: text\n"}, "text text default default"),
        ({"values": "a: text\nb: text\n", "valuesObject": {"a": "object"}}, "object default default default"),
        (
            {"valuesObject": {"a": "object"}, "parameters": [{"name": "a", "value": "x,$ARGOCD_APP_NAME"}]},
            "x,app default default default",
        ),
        (
            {"parameters": [{"name": "d", "value": "0012", "forceString": True}]},
            "default default default 0012",
        ),
        (
            {"fileParameters": [{"name": "d", "path": "../shared/all.txt"}]},
            "default default default of a file",
        ),
    ],
)
def test_values_of_a_chart(options: dict[str, Any], values: str) -> None:
    found = charted(options, **{"shared/all.txt": "of a file"})
    assert problems(found) == []
    assert manifest(found, "app-cm")["data"]["values"] == values


@needs_helm
def test_a_release_of_another_name_and_namespace_without_definitions() -> None:
    found = charted({"releaseName": "other", "namespace": "inner", "skipCrds": True})
    assert rendered(found) == [("web", "other-cm")]
    assert manifest(found, "other-cm")["data"]["namespace"] == "inner"
    assert ("", "things.example.org") in rendered(charted({}))


@needs_helm
def test_values_of_another_source() -> None:
    sources = [
        {"path": "chart", "helm": {"valueFiles": ["$values/shared/all.yaml"]}},
        {"ref": "values"},
        {"path": "app"},
    ]
    files = {**CHART, **DIRECTORY, "argocd/app.yaml": application("app", sources=sources)}
    found = declared(files)
    assert manifest(found, "app-cm")["data"]["values"] == "default default shared default"
    assert ("web", "a") in rendered(found)
    (node,) = found.nodes.values()
    assert node.plan.deployment.folders == ("chart", "app")
    assert node.plan.deployment.settings["sources"] == "chart, $values, app"


@needs_helm
@pytest.mark.parametrize(
    ("options", "cause", "words"),
    [
        ({"valueFiles": ["none.yaml"]}, ProblemCause.TEMPLATE, "there is no values file none.yaml"),
        ({"valueFiles": ["../../etc/passwd"]}, ProblemCause.TEMPLATE, "leads out of the tree"),
        ({"valueFiles": ["https://example.org/v.yaml"]}, ProblemCause.REMOTE, "from the network"),
        ({"valueFiles": ["none-*.yaml"]}, ProblemCause.TEMPLATE, "no file is named like"),
    ],
)
def test_values_that_are_not_here(options: dict[str, Any], cause: ProblemCause, words: str) -> None:
    (problem,) = problems(charted(options))
    assert problem[0] is cause
    assert words in problem[1]


def test_values_and_charts_of_elsewhere_are_named() -> None:
    sources = [
        {"repoURL": "https://charts.example.org", "chart": "redis", "targetRevision": "1.2.3"},
        {"repoURL": "https://example.org/other.git", "path": "x"},
        {"path": "app", "plugin": {"name": "tool"}},
    ]
    found = declared({**DIRECTORY, "argocd/app.yaml": application("app", sources=sources)})
    causes = [cause for cause, _ in problems(found)]
    assert causes == [ProblemCause.CHART, ProblemCause.ELSEWHERE, ProblemCause.UNSUPPORTED]
    words = " ".join(message for _, message in problems(found))
    for word in ("redis", "1.2.3", "example.org/other.git", "the plugin tool"):
        assert word in words


@pytest.mark.parametrize(
    ("files", "tool"),
    [
        ({"app/a.yaml": config("a")}, "directory"),
        ({"app/a.yaml": config("a"), "app/kustomization.yaml": "resources: [a.yaml]"}, "kustomize"),
        ({"app/Chart.yaml": "name: x\nversion: 1.0.0", "app/deep/kustomization.yaml": "{}"}, "helm"),
        # The walk over the folder goes by name, and its last word counts.
        ({"app/Chart.yaml": "name: x\nversion: 1.0.0", "app/kustomization.yaml": "{}"}, "kustomize"),
    ],
)
def test_the_tool_is_told_by_the_folder(files: dict[str, str], tool: str) -> None:
    found = declared({**files, "argocd/app.yaml": application("app", {"path": "app"})})
    assert [node.plan.deployment.settings["tool"] for node in found.nodes.values()] == [tool]


def test_overrides_that_the_folder_holds() -> None:
    files = {
        **KUSTOMIZE,
        "app/.argocd-source.yaml": "kustomize: {images: ['web:5'], nameSuffix: -all}\npath: stolen\n",
        "app/.argocd-source-app.yaml": "kustomize: {nameSuffix: -own}\n",
        "argocd/app.yaml": application("app", {"path": "app", "kustomize": {"namePrefix": "x-"}}),
    }
    found = declared(files)
    assert [name for _, name in rendered(found)] == ["x-web-own"]


@pytest.mark.parametrize(
    ("policy", "prunes", "sync"),
    [
        ({}, None, "by hand"),
        ({"automated": {}}, False, "automatic"),
        ({"automated": {"prune": True, "selfHeal": True}}, True, "automatic"),
        ({"automated": {"enabled": False, "prune": True}}, None, "by hand"),
    ],
)
def test_how_it_is_synchronised(policy: Any, prunes: bool | None, sync: str) -> None:
    files = {**DIRECTORY, "argocd/app.yaml": application("app", {"path": "app"}, syncPolicy=policy)}
    (node,) = declared(files).nodes.values()
    assert node.plan.deployment.prunes is prunes
    assert node.plan.deployment.settings["sync"] == sync


@pytest.mark.parametrize(
    ("revision", "branch", "is_noted"),
    [
        ("HEAD", "main", False),
        ("main", "main", False),
        ("", "main", False),
        ("v1.2.0", "main", True),
        ("staging", "main", True),
        ("staging", "", False),
        ("v1.2.0", "", True),
    ],
)
def test_another_revision_is_noted(revision: str, branch: str, is_noted: bool) -> None:
    source = {"path": "app", "targetRevision": revision}
    files = {**DIRECTORY, "argocd/app.yaml": application("app", source)}
    (node,) = declared(files, branch=branch).nodes.values()
    assert ("note" in node.plan.deployment.settings) is is_noted
    assert node.resources == 2


def test_an_app_of_apps_and_folders_that_it_takes() -> None:
    files = {
        **KUSTOMIZE,
        **{path: text for path, text in DIRECTORY.items() if path == "app/a.yaml"},
        "root.yaml": application("root", {"path": "apps"}),
        "apps/one.yaml": application("one", {"path": "app"}),
        "apps/two.yaml": application("two", {"path": "other"}),
        "other/a.yaml": config("other"),
        "left/a.yaml": config("left"),
    }
    found = declared(files)
    parents = {name.name: [parent.name for parent in node.parents] for name, node in found.nodes.items()}
    assert parents == {"root": [], "one": ["root"], "two": ["root"]}
    names = sorted((entry.id.kind, entry.id.name) for entry in found.resources)
    assert names == [
        ("Application", "one"),
        ("Application", "root"),
        ("Application", "two"),
        ("ConfigMap", "left"),
        ("ConfigMap", "other"),
        ("Deployment", "old-web"),
    ]
    assert problems(found) == []


def test_applications_that_a_kustomization_makes_take_folders_that_were_roots() -> None:
    files = {
        **KUSTOMIZE,
        "argocd/kustomization.yaml": json.dumps({"resources": ["one.yaml"], "namePrefix": "my-"}),
        "argocd/one.yaml": application("one", {"path": "app", "kustomize": {"namePrefix": "x-"}}),
    }
    found = declared(files)
    kinds = sorted((name.kind, name.name) for name in found.nodes)
    assert kinds == [("argo-application", "my-one"), ("kustomize", "argocd")]
    assert rendered(found) == [("web", "x-web")]
    assert problems(found) == []


@needs_helm
def test_applications_that_a_chart_makes_take_charts_and_folders() -> None:
    app = application("one", {"path": "chart"}).replace('"one"', '"{{ .Release.Name }}-one"')
    files = {
        **CHART,
        "apps/Chart.yaml": "apiVersion: v2\nname: apps\nversion: 1.0.0\n",
        "apps/templates/one.yaml": app,
    }
    found = declared(files)
    kinds = sorted((name.kind, name.name) for name in found.nodes)
    assert kinds == [("argo-application", "apps-one"), ("chart", "apps")]
    assert ("web", "apps-one-cm") in rendered(found)
    assert problems(found) == []


def test_an_application_that_deploys_its_own_folder() -> None:
    files = {
        "argocd/kustomization.yaml": json.dumps({"resources": ["self.yaml", "cm.yaml"]}),
        "argocd/self.yaml": application("self", {"path": "argocd"}),
        "argocd/cm.yaml": config("cm"),
    }
    found = declared(files)
    assert [name.kind for name in found.nodes] == ["argo-application"]
    assert rendered(found) == [("web", "cm")]
    assert problems(found) == []


def test_an_application_in_a_folder_that_is_taken_without_what_is_below_it() -> None:
    files = {
        "root.yaml": application("root", {"path": "apps"}),
        "apps/one.yaml": application("one", {"path": "apps/deep"}),
        "apps/deep/two.yaml": application("two", {"path": "apps/deep/er"}),
        "apps/deep/er/most/three.yaml": application("three", {"path": "x"}),
        "x/a.yaml": config("x"),
    }
    found = declared(files)
    assert {name.name for name in found.nodes} == {"root", "one", "two", "three"}
    assert rendered(found) == [("web", "x")]


def test_environments_by_cluster_file_and_folder() -> None:
    def to(app: str, path: str, **destination: str) -> str:
        return application(app, {"path": path}, destination={"namespace": "web", **destination})

    files = {
        "apps/a.yaml": to("a", "one", name="eu"),
        "apps/b.yaml": to("b", "two", server="https://us.example.org/"),
        "apps/c.yaml": to("c", "overlays/dev", name="in-cluster"),
        "clusters/prod/d.yaml": to("d", "three", name="far"),
        "apps/e.yaml": to("e", "four", server="https://far.example.org"),
        **{
            f"{path}/cm.yaml": config(path.replace("/", "-"))
            for path in ("one", "two", "three", "four", "overlays/dev")
        },
    }
    clusters = (
        Cluster(name="eu", environment="europe"),
        Cluster(name="us", server="https://us.example.org", environment="america"),
    )
    found = declared(files, clusters=clusters)
    where = {entry.id.name: entry.environment for entry in found.resources if entry.rendered_from}
    assert where == {
        "one": "europe", "two": "america", "overlays-dev": "dev", "three": "prod", "four": "far.example.org"
    }  # fmt: skip
    only = declared(files, clusters=clusters, environment="europe")
    assert rendered(only) == [("web", "one")]
    assert set(environments(Tree(files), options=DeploymentOptions(clusters=clusters))) >= {
        "europe", "america", "dev", "prod", "far.example.org"
    }  # fmt: skip


def test_a_folder_of_an_unknown_address_is_taken_for_this_repository_where_it_is_there() -> None:
    files = {
        **DIRECTORY,
        "argocd/app.yaml": application("app", {"path": "app", "repoURL": "https://any.example/x"}),
    }
    assert len(rendered(declared(files, repository_urls=frozenset()))) == 2
    ((cause, _),) = problems(declared(files))
    assert cause is ProblemCause.ELSEWHERE


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/Team/config",
        "https://user:pw@example.org/team/config.git/",
        "ssh://git@example.org:22/team/config.git",
        "git@example.org:team/config.git",
    ],
)
def test_addresses_of_one_repository(url: str) -> None:
    assert is_one_of(url, [URL])
    assert same_address(url) == "example.org/team/config"
    assert "pw" not in without_credentials(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/team/other",
        "https://example.org:8443/team/config",
        "https://example.net/team/config",
    ],
)
def test_addresses_of_others(url: str) -> None:
    assert not is_one_of(url, [URL])


@pytest.mark.parametrize(
    ("pattern", "text", "dialect", "fits"),
    [
        ("apps/*", "apps/a", Dialect.PATH, True),
        ("apps/*", "apps/a/b", Dialect.PATH, False),
        ("apps/[a-c]?", "apps/bx", Dialect.PATH, True),
        ("apps/[^a]", "apps/a", Dialect.PATH, False),
        ("*", "a/b.yaml", Dialect.FREE, True),
        ("{a,b{c,d}}.yaml", "bd.yaml", Dialect.FREE, True),
        ("[!a]*", "abc", Dialect.FREE, False),
        ("a/**/b.yaml", "a/b.yaml", Dialect.DOUBLE, True),
        ("a/**/b.yaml", "a/x/y/b.yaml", Dialect.DOUBLE, True),
        ("a/*/b.yaml", "a/x/y/b.yaml", Dialect.DOUBLE, False),
        ("apps", "apps/a/b", Dialect.GIT, True),
        ("apps/*.json", "apps/a/b.json", Dialect.GIT, True),
        ("a[", "a[", Dialect.PATH, False),
        (r"a\*", "a*", Dialect.PATH, True),
    ],
)
def test_patterns(pattern: str, text: str, dialect: Dialect, fits: bool) -> None:
    assert matches(pattern, text, dialect) is fits


def test_a_hostile_pattern_ends() -> None:
    assert not matches("*a" * 1000, "a" * 900 + "b", Dialect.FREE)
    assert not matches("{a,b}" * 500, "c", Dialect.FREE)
