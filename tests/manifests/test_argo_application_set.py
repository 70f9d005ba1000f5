"""ApplicationSets: what each generator gives, in both languages of templates, from Argo CD's documentation."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from auditor.manifests.deployments.declared import DeclaredSet, declared_set
from auditor.manifests.deployments.interface import ProblemCause
from auditor.manifests.deployments.options import Cluster, DeploymentOptions
from auditor.manifests.secrets import Redactor

URL = "https://example.org/team/config.git"
IN_CLUSTER = "https://kubernetes.default.svc"
SET = "argocd/set.json"


class Tree:
    """A tree in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {path: text.encode() for path, text in files.items()}

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


def template(**fields: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": fields.get("name", "{{name}}")},
        "spec": {
            "project": "default",
            "source": {
                "repoURL": URL,
                "path": fields.get(
                    "path", "apps/{{name}}" if "{{." not in fields.get("name", "") else "apps"
                ),
                "targetRevision": "HEAD",
            },
            "destination": fields.get("destination", {"server": IN_CLUSTER, "namespace": "default"}),
        },
    }


def generated(
    generators: list[Any],
    *,
    files: dict[str, str] | None = None,
    clusters: tuple[Cluster, ...] = (),
    made_of: dict[str, Any] | None = None,
    **spec: Any,
) -> tuple[dict[str, Any], DeclaredSet]:
    """The Applications that an ApplicationSet gives, by name, as they were planned, and all that is declared."""
    manifest = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "all", "namespace": "argocd"},
        "spec": {"generators": generators, "template": made_of or template(), **spec},
    }
    declared = declared_set(
        Tree({SET: json.dumps(manifest), **(files or {})}),
        environment=None,
        redactor=Redactor(b"k" * 32),
        options=DeploymentOptions(repository_urls=frozenset({URL}), clusters=clusters),
    )
    nodes = [node for name, node in declared.nodes.items() if name.kind == "argo-application-set"]
    return {document.name: document.manifest for node in nodes for document in node.plan.documents}, declared


def messages(declared: DeclaredSet, cause: ProblemCause) -> list[str]:
    """What is said of the ApplicationSet itself."""
    return [
        problem.message
        for problem in declared.problems
        if problem.cause is cause and problem.message.startswith("ApplicationSet")
    ]


def paths(applications: dict[str, Any]) -> dict[str, str]:
    return {name: found["spec"]["source"]["path"] for name, found in applications.items()}


def test_a_list() -> None:
    elements = [{"name": "web"}, {"name": "db", "values": {"tier": "gold"}}]
    made = template(name="{{name}}-{{values.tier}}")
    found, _ = generated([{"list": {"elements": elements}}], made_of=made)
    # What is not known stays as it is written.
    assert paths(found) == {"web-{{values.tier}}": "apps/web", "db-gold": "apps/db"}


def test_a_list_holds_texts_alone_where_go_templates_are_not_used() -> None:
    found, declared = generated([{"list": {"elements": [{"name": "web", "port": 80}]}}])
    assert found == {}
    assert "port of a list's element is no text" in messages(declared, ProblemCause.BUILD)[0]


def test_go_templates() -> None:
    elements = [{"name": "Web_App", "port": 80, "tags": ["a", "b"]}, {"name": "db", "port": 5432, "tags": []}]
    made = template(name="{{ .name | normalize }}", path="apps/{{ .name | lower }}")
    made["metadata"]["labels"] = {
        "port": "{{ .port }}",
        "{{ .name | lower }}": "{{ range $i, $t := .tags }}{{ if $i }}-{{ end }}{{ $t }}{{ end }}",
        "missing": '{{ .nothing | default "none" }}',
    }
    found, _ = generated([{"list": {"elements": elements}}], made_of=made, goTemplate=True)
    assert paths(found) == {"web-app": "apps/web_app", "db": "apps/db"}
    assert found["web-app"]["metadata"]["labels"] == {"port": "80", "web_app": "a-b", "missing": "none"}


def test_a_missing_key_is_an_error_where_that_is_asked_for() -> None:
    elements = [{"name": "web"}, {"name": "db", "path": "apps/db"}]
    made = template(name="{{ .name }}", path="{{ .path }}")
    found, declared = generated(
        [{"list": {"elements": elements}}],
        made_of=made,
        goTemplate=True,
        goTemplateOptions=["missingkey=error"],
    )
    assert paths(found) == {"db": "apps/db"}
    assert messages(declared, ProblemCause.BUILD) == [
        "ApplicationSet all cannot be filled in: map has no entry for key 'path'"
    ]


def test_elements_that_are_written_as_text() -> None:
    text = "- name: web\n- name: db\n"
    found, _ = generated(
        [{"list": {"elementsYaml": text}}], made_of=template(name="{{.name}}"), goTemplate=True
    )
    assert set(found) == {"web", "db"}


FOLDERS = {
    "apps/web/a.yaml": "{}",
    "apps/db/a.yaml": "{}",
    "apps/db/charts/x/a.yaml": "{}",
    "apps/old/a.yaml": "{}",
    "apps/.hidden/a.yaml": "{}",
    "apps/README.md": "",
}


def test_git_directories_with_what_is_excluded() -> None:
    git = {
        "repoURL": URL,
        "directories": [{"path": "apps/*"}, {"path": "apps/old", "exclude": True}],
        "values": {"long": "{{path[0]}}-{{path.basename}}"},
    }
    made = template(name="{{path.basename}}", path="{{path}}")
    made["metadata"]["labels"] = {"long": "{{values.long}}"}
    found, _ = generated([{"git": git}], files=FOLDERS, made_of=made)
    assert paths(found) == {"db": "apps/db", "web": "apps/web"}
    assert found["web"]["metadata"]["labels"] == {"long": "apps-web"}


def test_git_directories_in_go() -> None:
    git = {"repoURL": URL, "directories": [{"path": "apps/*/charts/*"}], "pathParamPrefix": "repo"}
    made = template(
        name="{{index .repo.path.segments 1}}-{{.repo.path.basename}}", path="{{.repo.path.path}}"
    )
    found, _ = generated([{"git": git}], files=FOLDERS, made_of=made, goTemplate=True)
    assert paths(found) == {"db-x": "apps/db/charts/x"}


def test_git_files() -> None:
    files = {
        "clusters/eu/prod/config.json": json.dumps(
            {"cluster": {"owner": "a", "size": 3}, "names": ["x", "y"]}
        ),
        "clusters/us/dev/config.yaml": "- cluster: {owner: b}\n- cluster: {owner: c}\n",
        "clusters/us/old/config.json": "{}",
    }
    git = {
        "repoURL": URL,
        "files": [{"path": "clusters/**/config.*"}, {"path": "clusters/us/old/*", "exclude": True}],
    }
    made = template(name="{{path.basename}}-{{cluster.owner}}", path="{{path}}")
    made["metadata"]["labels"] = {
        "size": "{{cluster.size}}",
        "second": "{{names.1}}",
        "file": "{{path.filename}}",
    }
    found, _ = generated([{"git": git}], files=files, made_of=made)
    assert paths(found) == {
        "prod-a": "clusters/eu/prod", "dev-b": "clusters/us/dev", "dev-c": "clusters/us/dev"
    }  # fmt: skip
    assert found["prod-a"]["metadata"]["labels"] == {"size": "3", "second": "y", "file": "config.json"}


def test_a_star_of_a_files_pattern_matches_a_slash() -> None:
    files = {"clusters/a/b/config.json": "{}", "clusters/config.json": "{}"}
    git = {"repoURL": URL, "files": [{"path": "clusters/*.json"}]}
    made = template(name="{{path.basename}}")
    found, _ = generated([{"git": git}], files=files, made_of=made)
    assert set(found) == {"b", "clusters"}


CLUSTERS = (
    Cluster(name="eu", server="https://eu.example.org", labels={"stage": "prod"}, environment="production"),
    Cluster(name="us", server="https://us.example.org", labels={"stage": "dev"}),
)


def test_clusters_by_their_labels() -> None:
    made = template(
        name="web-{{name}}", path="apps/web", destination={"server": "{{server}}", "namespace": "web"}
    )
    made["metadata"]["labels"] = {"stage": "{{metadata.labels.stage}}"}
    selector = {"matchExpressions": [{"key": "stage", "operator": "In", "values": ["prod"]}]}
    files = {
        "apps/web/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n",
    }
    found, declared = generated(
        [{"clusters": {"selector": selector}}], files=files, clusters=CLUSTERS, made_of=made
    )
    assert [entry["spec"]["destination"]["server"] for entry in found.values()] == ["https://eu.example.org"]
    assert found["web-eu"]["metadata"]["labels"] == {"stage": "prod"}
    assert [(r.environment, r.id.namespace) for r in declared.resources if r.rendered_from] == [
        ("production", "web")
    ]


def test_all_clusters_are_the_configured_ones_and_argo_cds_own() -> None:
    found, declared = generated([{"clusters": {}}], clusters=CLUSTERS)
    assert set(found) == {"eu", "us", "in-cluster"}
    assert messages(declared, ProblemCause.REFERENCE) == []


def test_clusters_that_are_not_configured_are_a_problem() -> None:
    found, declared = generated([{"clusters": {}}])
    assert set(found) == {"in-cluster"}
    assert "none is configured" in messages(declared, ProblemCause.REFERENCE)[0]


def test_each_cluster_is_an_environment_of_its_own() -> None:
    made = template(
        name="web-{{name}}", path="apps/web", destination={"name": "{{name}}", "namespace": "web"}
    )
    files = {"apps/web/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"}
    _, declared = generated(
        [{"list": {"elements": [{"name": "eu"}, {"name": "us"}]}}], files=files, made_of=made
    )
    assert [r.environment for r in declared.resources if r.rendered_from] == ["eu", "us"]
    assert messages(declared, ProblemCause.TWICE) == []


def test_a_matrix_and_what_its_second_generator_takes_of_the_first() -> None:
    files = {"apps/eu/web/a.yaml": "{}", "apps/eu/db/a.yaml": "{}", "apps/us/web/a.yaml": "{}"}
    matrix = {
        "generators": [
            {"list": {"elements": [{"region": "eu"}, {"region": "us"}]}},
            {"git": {"repoURL": URL, "directories": [{"path": "apps/{{region}}/*"}]}},
        ]
    }
    found, _ = generated(
        [{"matrix": matrix}],
        files=files,
        made_of=template(name="{{region}}-{{path.basename}}", path="{{path}}"),
    )
    assert paths(found) == {"eu-db": "apps/eu/db", "eu-web": "apps/eu/web", "us-web": "apps/us/web"}


def test_a_matrix_whose_generators_disagree() -> None:
    lists = [{"list": {"elements": [{"name": "a"}]}}, {"list": {"elements": [{"name": "b"}]}}]
    found, declared = generated([{"matrix": {"generators": lists}}])
    assert found == {}
    assert "both generators of a matrix give 'name'" in messages(declared, ProblemCause.BUILD)[0]
    # In Go's templates the first counts.
    found, _ = generated(
        [{"matrix": {"generators": lists}}], made_of=template(name="{{.name}}"), goTemplate=True
    )
    assert set(found) == {"a"}


def test_a_merge_overrides_by_its_keys_and_adds_nothing() -> None:
    merge = {
        "mergeKeys": ["name"],
        "generators": [
            {"list": {"elements": [{"name": "a", "size": "1"}, {"name": "b", "size": "1"}]}},
            {"list": {"elements": [{"name": "b", "size": "2"}, {"name": "c", "size": "9"}]}},
        ],
    }
    made = template()
    made["metadata"]["labels"] = {"size": "{{size}}"}
    found, _ = generated([{"merge": merge}], made_of=made)
    assert {name: entry["metadata"]["labels"]["size"] for name, entry in found.items()} == {
        "a": "1",
        "b": "2",
    }


def test_a_merge_of_a_matrix() -> None:
    matrix = {
        "generators": [
            {"list": {"elements": [{"region": "eu"}, {"region": "us"}]}},
            {"list": {"elements": [{"name": "web"}]}},
        ]
    }
    merge = {
        "mergeKeys": ["region", "name"],
        "generators": [
            {"matrix": matrix},
            {"list": {"elements": [{"region": "us", "name": "web", "values": {"size": "big"}}]}},
        ],
    }
    found, _ = generated([{"merge": merge}], made_of=template(name="{{name}}-{{region}}-{{values.size}}"))
    assert set(found) == {"web-eu-{{values.size}}", "web-us-big"}


def test_a_merge_needs_keys_that_tell_apart() -> None:
    lists = [{"list": {"elements": [{"name": "a"}, {"name": "a"}]}}, {"list": {"elements": []}}]
    _, declared = generated([{"merge": {"mergeKeys": ["name"], "generators": lists}}])
    assert "the same mergeKeys" in messages(declared, ProblemCause.BUILD)[0]


def test_a_selector_after_generating() -> None:
    elements = [{"name": "a", "tier": {"of": "gold"}}, {"name": "b", "tier": {"of": "tin"}}]
    found, _ = generated(
        [{"list": {"elements": elements}, "selector": {"matchLabels": {"tier.of": "gold"}}}],
        made_of=template(name="{{.name}}"),
        goTemplate=True,
    )
    assert set(found) == {"a"}


def test_a_generators_own_template() -> None:
    own = {"metadata": {}, "spec": {"project": "special", "source": {"repoURL": "", "path": ""}}}
    found, _ = generated([{"list": {"elements": [{"name": "a"}], "template": own}}])
    assert found["a"]["spec"]["project"] == "special"
    assert found["a"]["spec"]["source"]["repoURL"] == URL


def test_a_template_patch() -> None:
    elements = [{"name": "a", "prune": True, "files": ["x.yaml", "y.yaml"]}, {"name": "b", "prune": False}]
    patch = """
spec:
  project: stolen
{{- if .prune }}
  syncPolicy: {automated: {prune: {{ .prune }}}}
{{- end }}
{{- with .files }}
  source:
    helm:
      valueFiles:
      {{- range . }}
      - {{ . }}
      {{- end }}
{{- end }}
"""
    found, _ = generated(
        [{"list": {"elements": elements}}],
        made_of=template(name="{{.name}}"),
        goTemplate=True,
        templatePatch=patch,
    )
    assert found["a"]["spec"]["syncPolicy"] == {"automated": {"prune": True}}
    assert found["a"]["spec"]["source"]["helm"] == {"valueFiles": ["x.yaml", "y.yaml"]}
    assert "syncPolicy" not in found["b"]["spec"]
    # A patch does not move an Application to another project.
    assert found["a"]["spec"]["project"] == "default"


def test_what_argo_cd_adds() -> None:
    found, _ = generated([{"list": {"elements": [{"name": "a"}]}}])
    assert found["a"]["metadata"] == {
        "name": "a",
        "namespace": "argocd",
        "finalizers": ["resources-finalizer.argocd.argoproj.io"],
    }
    kept, _ = generated(
        [{"list": {"elements": [{"name": "a"}]}}], syncPolicy={"preserveResourcesOnDeletion": True}
    )
    assert "finalizers" not in kept["a"]["metadata"]


@pytest.mark.parametrize("kind", ["scmProvider", "pullRequest", "plugin", "clusterDecisionResource"])
def test_what_is_not_in_git_is_named(kind: str) -> None:
    lists = {"list": {"elements": [{"name": "a"}]}}
    found, declared = generated([{kind: {}}, lists])
    assert set(found) == {"a"}
    assert len(messages(declared, ProblemCause.UNSUPPORTED)) == 1
    _, declared = generated([{"matrix": {"generators": [{kind: {}}, lists]}}])
    assert len(messages(declared, ProblemCause.UNSUPPORTED)) == 1


def test_functions_that_are_not_done_are_named_and_others_go_on() -> None:
    elements = [{"name": "a", "random": "yes"}, {"name": "b", "random": ""}]
    made = template(name="{{.name}}{{if .random}}{{randAlpha 5}}{{end}}")
    found, declared = generated([{"list": {"elements": elements}}], made_of=made, goTemplate=True)
    assert set(found) == {"b"}
    assert "randAlpha" in messages(declared, ProblemCause.UNSUPPORTED)[0]


def test_another_repository_is_named() -> None:
    git = {"repoURL": "https://user:secret@example.org/other.git", "directories": [{"path": "*"}]}
    _, declared = generated([{"git": git}], files=FOLDERS)
    (message,) = messages(declared, ProblemCause.ELSEWHERE)
    assert "example.org/other.git" in message
    assert "secret" not in message


def test_two_applications_of_one_name() -> None:
    found, declared = generated([{"list": {"elements": [{"name": "a"}, {"name": "a"}]}}])
    assert set(found) == {"a"}
    assert messages(declared, ProblemCause.BUILD) == [
        "ApplicationSet all generates several Applications named a"
    ]


def test_generated_applications_are_followed_and_their_folders_are_not_deployed_twice() -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
    files = {
        "apps/web/kustomization.yaml": "resources: [a.yaml]\nnamePrefix: my-\n",
        "apps/web/a.yaml": config % "web",
        "apps/db/a.yaml": config % "db",
        "apps/left/kustomization.yaml": "resources: [a.yaml]\n",
        "apps/left/a.yaml": config % "left",
    }
    directories = [{"path": "apps/*"}, {"path": "apps/left", "exclude": True}]
    _, declared = generated(
        [{"git": {"repoURL": URL, "directories": directories}}],
        files=files,
        made_of=template(name="{{path.basename}}", path="{{path}}"),
    )
    maps = [(r.id.namespace, r.id.name) for r in declared.resources if r.id.kind == "ConfigMap"]
    assert sorted(maps) == [("", "left"), ("default", "db"), ("default", "my-web")]
    kinds = sorted((name.kind, name.name) for name in declared.nodes)
    assert kinds == [
        ("argo-application", "db"),
        ("argo-application", "web"),
        ("argo-application-set", "all"),
        ("kustomize", "apps/left"),
    ]
    assert [problem for problem in declared.problems if problem.cause is ProblemCause.TWICE] == []


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ range until 9000 }}{{ range until 9000 }}x{{ end }}{{ end }}",
        '{{ repeat 100000000 "x" }}',
        '{{ $x := list "a" "a" }}' + "{{ $x = list $x $x $x $x }}" * 30 + "{{ $x }}",
        '{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}',
        "{{" + "(" * 5000 + "1" + ")" * 5000 + "}}",
        '{{ printf "%999999999d" 1 }}',
    ],
)
def test_hostile_templates_end(hostile: str) -> None:
    found, declared = generated(
        [{"list": {"elements": [{"name": "a"}]}}], made_of=template(name=hostile), goTemplate=True
    )
    assert found == {}
    assert len(messages(declared, ProblemCause.BUILD)) == 1
