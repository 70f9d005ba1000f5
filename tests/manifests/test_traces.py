"""Which line a rendered field comes from: trees by hand, where the line is known."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

import pytest

from auditor.manifests.deployments.declared import declared_set
from auditor.manifests.deployments.traces import Deployed, TracedField, trace_fields
from auditor.manifests.rendering.helm import HELM
from auditor.manifests.rendering.traced_files import TracedFiles
from auditor.manifests.rendering.tracing import Trace
from auditor.manifests.secrets import Redactor

REDACTOR = Redactor(b"k" * 32)
IMAGE = "spec.template.spec.containers[name=web].image"
PRIVILEGED = "spec.template.spec.containers[name=web].securityContext.privileged"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: web
          image: registry.example/web:1.0
          ports:
            - containerPort: 80
"""


class Tree:
    """A tree in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {path: textwrap.dedent(text).encode() for path, text in files.items()}

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


def traced(files: dict[str, str], pointer: str, kind: str = "Deployment") -> Trace | None:
    """The trace of a field of the only object of a kind."""
    tree = Tree(files)
    declared = declared_set(tree, environment=None, redactor=REDACTOR)
    resources = [item for item in declared.resources if item.document.kind == kind and item.rendered_from]
    assert len(resources) == 1, declared.problems
    deployed = Deployed(nodes=declared.nodes, owners=declared.owners)
    return trace_fields(
        deployed, [TracedField(resource=resources[0], pointer=pointer)], TracedFiles(tree.read)
    )[0]


def place(files: dict[str, str], pointer: str, kind: str = "Deployment") -> tuple[str, str, bool]:
    """The file, the text of the line (which is what an author looks for), and whether it is exact."""
    trace = traced(files, pointer, kind)
    assert trace is not None
    source = trace.source
    lines = textwrap.dedent(files[source.path]).splitlines()
    return source.path, lines[source.line - 1].strip() if source.line else "", trace.is_exact


BASE = {"base/web.yaml": DEPLOYMENT, "base/kustomization.yaml": "resources: [web.yaml]\n"}


def test_what_nothing_changes_is_on_its_own_line() -> None:
    files = {**BASE, "prod/kustomization.yaml": "resources: [../base]\n"}
    assert place(files, IMAGE) == ("base/web.yaml", "image: registry.example/web:1.0", True)


def test_a_missing_field_is_at_its_nearest_parent_and_not_exact() -> None:
    files = {**BASE, "prod/kustomization.yaml": "resources: [../base]\n"}
    assert place(files, PRIVILEGED) == ("base/web.yaml", "- name: web", False)


def test_the_whole_resource_is_where_its_document_starts() -> None:
    files = {**BASE, "prod/kustomization.yaml": "resources: [../base]\n"}
    assert place(files, "") == ("base/web.yaml", "apiVersion: apps/v1", True)


def test_a_patch_in_a_file() -> None:
    files = {
        **BASE,
        "prod/kustomization.yaml": "resources: [../base]\npatches:\n  - path: privileged.yaml\n",
        "prod/privileged.yaml": """\
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: web
            spec:
              template:
                spec:
                  containers:
                    - name: web
                      securityContext:
                        privileged: true
            """,
    }
    assert place(files, PRIVILEGED) == ("prod/privileged.yaml", "privileged: true", True)


INLINE = """\
    resources: [../base]
    patches:
      - target:
          kind: Deployment
        patch: |
          - op: add
            path: /spec/template/spec/containers/0/securityContext
            value:
              privileged: true
    """


def test_an_inline_json_patch() -> None:
    files = {**BASE, "prod/kustomization.yaml": INLINE}
    assert place(files, PRIVILEGED) == ("prod/kustomization.yaml", "privileged: true", True)


def test_a_patch_within_a_container_does_not_make_the_container_its_own() -> None:
    files = {
        **BASE,
        "prod/kustomization.yaml": INLINE.replace("securityContext", "tty")
        .replace("value:", "value: true")
        .replace("privileged: true", ""),
    }
    assert place(files, PRIVILEGED) == ("base/web.yaml", "- name: web", False)


def test_a_component_beside_is_not_on_the_way() -> None:
    files = {
        **BASE,
        "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        "labels: [{pairs: {a: b}}]\n",
        "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\n",
    }
    trace = traced(files, IMAGE)
    assert trace is not None
    assert [step.path for step in trace.steps] == [
        "base/web.yaml",
        "base/kustomization.yaml",
        "prod/kustomization.yaml",
    ]


def test_the_last_of_several_patches_counts() -> None:
    patch = """\
              - patch: |
                  apiVersion: apps/v1
                  kind: Deployment
                  metadata: {{name: web}}
                  spec:
                    replicas: {number}  # {mark}
        """
    files = {
        **BASE,
        "prod/kustomization.yaml": "resources: [../base]\npatches:\n"
        + textwrap.dedent(patch.format(number=3, mark="first"))
        + textwrap.dedent(patch.format(number=3, mark="second")),
    }
    assert place(files, "spec.replicas") == ("prod/kustomization.yaml", "replicas: 3  # second", True)


def test_an_outer_kustomization_counts_over_an_inner_one() -> None:
    files = {
        **BASE,
        "base/kustomization.yaml": "resources: [web.yaml]\nreplicas:\n  - {name: web, count: 2}\n",
        "prod/kustomization.yaml": "resources: [../base]\nreplicas:\n  - name: web\n    count: 5\n",
    }
    assert place(files, "spec.replicas") == ("prod/kustomization.yaml", "count: 5", True)


def test_a_patch_about_another_object_is_not_it() -> None:
    files = {
        **BASE,
        "prod/kustomization.yaml": """\
            resources: [../base]
            patches:
              - target: {kind: StatefulSet}
                patch: |
                  - op: replace
                    path: /spec/replicas
                    value: 1
            """,
    }
    assert place(files, "spec.replicas") == ("base/web.yaml", "replicas: 1", True)


def test_a_field_that_a_patch_takes_away() -> None:
    base = DEPLOYMENT + "          securityContext: {privileged: false}\n"
    files = {
        **BASE,
        "base/web.yaml": base,
        "prod/kustomization.yaml": """\
            resources: [../base]
            patches:
              - target: {name: we.*}
                patch: |
                  - op: remove
                    path: /spec/template/spec/containers/0/securityContext
            """,
    }
    assert place(files, PRIVILEGED) == (
        "prod/kustomization.yaml",
        "path: /spec/template/spec/containers/0/securityContext",
        True,
    )


def test_an_image_that_a_kustomization_sets() -> None:
    files = {
        **BASE,
        "prod/kustomization.yaml": """\
            resources: [../base]
            images:
              - name: registry.example/web
                newName: other.example/web
                newTag: latest
            """,
    }
    assert place(files, IMAGE) == ("prod/kustomization.yaml", "newTag: latest", True)


def test_a_component() -> None:
    files = {
        **BASE,
        "part/kustomization.yaml": """\
            apiVersion: kustomize.config.k8s.io/v1alpha1
            kind: Component
            patches:
              - target: {kind: Deployment}
                patch: '[{"op": "replace", "path": "/spec/replicas", "value": 9}]'
            """,
        "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\n",
    }
    path, line, is_exact = place(files, "spec.replicas")
    assert (path, is_exact) == ("part/kustomization.yaml", True)
    assert line.startswith("patch:")


def test_a_label_and_a_namespace() -> None:
    files = {
        **BASE,
        "prod/kustomization.yaml": """\
            resources: [../base]
            namespace: shop
            labels:
              - pairs:
                  team: web
            """,
    }
    assert place(files, "metadata.labels.team") == ("prod/kustomization.yaml", "team: web", True)
    assert place(files, "metadata.namespace") == ("prod/kustomization.yaml", "namespace: shop", True)


def test_a_generated_config_map() -> None:
    files = {
        "prod/kustomization.yaml": """\
            configMapGenerator:
              - name: settings
                literals:
                  - LEVEL=debug
                  - MODE=fast
            """
    }
    assert place(files, "data.MODE", "ConfigMap") == ("prod/kustomization.yaml", "- MODE=fast", True)


FLUX = """\
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      path: ./base
      prune: true
      sourceRef: {kind: GitRepository, name: flux-system}
      targetNamespace: shop
      patches:
        - target: {kind: Deployment}
          patch: |
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: any}
            spec:
              replicas: 7
      postBuild:
        substitute:
          TAG: "9.9"
    """


def test_flux_patches_namespaces_and_variables() -> None:
    files = {
        **BASE,
        "base/web.yaml": DEPLOYMENT.replace(":1.0", ":${TAG}"),
        "clusters/prod/apps.yaml": FLUX,
    }
    assert place(files, "spec.replicas") == ("clusters/prod/apps.yaml", "replicas: 7", True)
    assert place(files, "metadata.namespace") == ("clusters/prod/apps.yaml", "targetNamespace: shop", True)
    assert place(files, IMAGE) == ("clusters/prod/apps.yaml", 'TAG: "9.9"', True)


def test_the_way_leads_from_the_source_to_what_deploys() -> None:
    files = {**BASE, "clusters/prod/apps.yaml": FLUX}
    trace = traced(files, IMAGE)
    assert trace is not None
    assert [step.path for step in trace.steps] == [
        "base/web.yaml",
        "base/kustomization.yaml",
        "clusters/prod/apps.yaml",
    ]
    assert trace.steps[-1].what == "Kustomization flux-system/apps deploys it"
    assert trace.steps[-1].line == 1


def test_a_hostile_pattern_of_a_patch_is_not_run() -> None:
    name = "a" * 40
    files = {
        "base/web.yaml": DEPLOYMENT.replace("name: web\nspec", f"name: {name}\nspec"),
        "base/kustomization.yaml": """\
            resources: [web.yaml]
            patches:
              - target: {name: "(a|a|aa)+x|a+"}
                patch: '[{"op": "replace", "path": "/spec/replicas", "value": 4}]'
            """,
    }
    path, _, _ = place(files, "spec.replicas")
    assert path == "base/kustomization.yaml"


CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "chart/values.yaml": """\
        image:
          repository: registry.example/web
          tag: "1.0"
        replicas: 1
        privileged: false
        """,
    "chart/templates/web.yaml": """\
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{ .Release.Name }}
        spec:
          replicas: {{ .Values.replicas }}
          template:
            spec:
              containers:
                - name: web
                  image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
                  terminationMessagePath: /dev/termination-log
                  securityContext:
                    privileged: {{ .Values.privileged }}
        """,
    "clusters/prod/release.yaml": """\
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata:
          name: web
          namespace: shop
        spec:
          interval: 1h
          chart:
            spec:
              chart: ./chart
              sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
          values:
            image:
              tag: latest
            # as many as are in use
            replicas: 3
            unrelated: latest
            privileged: true
        """,
    "clusters/prod/flux.yaml": FLUX.replace("./base", "./apps"),
    "apps/kustomization.yaml": "resources: []\n",
}


@pytest.mark.needs_helm
@pytest.mark.skipif(not HELM.is_there(), reason="needs helm")
@pytest.mark.parametrize(
    ("pointer", "path", "line", "is_exact"),
    [
        (IMAGE, "clusters/prod/release.yaml", "tag: latest", True),
        ("spec.replicas", "clusters/prod/release.yaml", "replicas: 3", True),
        (PRIVILEGED, "clusters/prod/release.yaml", "privileged: true", True),
        (
            "spec.template.spec.containers[name=web].terminationMessagePath",
            "chart/templates/web.yaml",
            "",
            False,
        ),
    ],
)
def test_a_value_of_a_release(pointer: str, path: str, line: str, is_exact: bool) -> None:
    assert place(CHART, pointer) == (path, line, is_exact)


@pytest.mark.needs_helm
@pytest.mark.skipif(not HELM.is_there(), reason="needs helm")
def test_a_default_of_the_chart() -> None:
    release = CHART["clusters/prod/release.yaml"].replace("replicas: 3", "other: 3")
    files = {**CHART, "clusters/prod/release.yaml": release}
    assert place(files, "spec.replicas") == ("chart/values.yaml", "replicas: 1", True)


APPLICATION = """\
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata:
      name: web
      namespace: argocd
    spec:
      project: default
      destination: {server: https://kubernetes.default.svc, namespace: shop}
      source:
        repoURL: https://git.example/repo
        path: chart
        targetRevision: HEAD
        helm:
          parameters:
            - name: replicas
              value: "4"
          valueFiles: [values-prod.yaml]
          values: |
            image:
              tag: nightly
    """


@pytest.mark.needs_helm
@pytest.mark.skipif(not HELM.is_there(), reason="needs helm")
@pytest.mark.parametrize(
    ("pointer", "path", "line"),
    [
        ("spec.replicas", "argo/web.yaml", 'value: "4"'),
        (IMAGE, "argo/web.yaml", "tag: nightly"),
        (PRIVILEGED, "chart/values-prod.yaml", "privileged: true"),
    ],
)
def test_values_of_an_application(pointer: str, path: str, line: str) -> None:
    files = {name: text for name, text in CHART.items() if name.startswith("chart/")}
    files |= {"argo/web.yaml": APPLICATION, "chart/values-prod.yaml": "privileged: true\n"}
    assert place(files, pointer) == (path, line, True)


def test_a_directory_of_an_application() -> None:
    source = APPLICATION[: APPLICATION.index("    helm:")].replace("path: chart", "path: plain")
    files = {"argo/web.yaml": source.rstrip() + "\n", "plain/web.yaml": DEPLOYMENT}
    assert place(files, IMAGE) == ("plain/web.yaml", "image: registry.example/web:1.0", True)
    assert place(files, PRIVILEGED) == ("plain/web.yaml", "- name: web", False)


@pytest.mark.needs_helm
@pytest.mark.skipif(not HELM.is_there(), reason="needs helm")
def test_an_application_that_a_chart_makes_is_on_the_way() -> None:
    source = APPLICATION[: APPLICATION.index("    helm:")].replace("path: chart", "path: plain")
    made = textwrap.dedent(source).replace("name: web", "name: {{ . }}")
    files = {
        "apps/Chart.yaml": CHART["chart/Chart.yaml"],
        "apps/templates/all.yaml": '{{- range list "web" }}\n' + made.rstrip() + "\n{{- end }}\n",
        "plain/web.yaml": DEPLOYMENT,
    }
    trace = traced(files, IMAGE)
    assert trace is not None
    assert [(step.path, step.line, step.what) for step in trace.steps[1:]] == [
        ("apps/templates/all.yaml", 0, "Application web deploys it"),
    ]
