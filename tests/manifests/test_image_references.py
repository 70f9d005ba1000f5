"""Image references and where they stand; one table for the parsers of both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.manifests.documents import parse
from auditor.manifests.image_fields import images_in
from auditor.manifests.image_markers import markers_in
from auditor.manifests.image_references import parse_reference
from auditor.manifests.secrets import Redactor

SHA = "sha256:" + "0123456789abcdef" * 4

REFERENCES: dict[str, tuple[str, str, str, str] | None] = {
    "nginx": ("docker.io", "library/nginx", "", ""),
    "nginx:1.27": ("docker.io", "library/nginx", "1.27", ""),
    "index.docker.io/a/b:1": ("docker.io", "a/b", "1", ""),
    "docker.io/nginx:1": ("docker.io", "library/nginx", "1", ""),
    "localhost:5000/web": ("localhost:5000", "web", "", ""),
    "localhost:5000": ("docker.io", "library/localhost", "5000", ""),
    "localhost/web": ("localhost", "web", "", ""),
    "[::1]:5000/a/b:2": ("[::1]:5000", "a/b", "2", ""),
    "Registry/web:1": ("Registry", "web", "1", ""),
    f"ghcr.io/a/b/c:v1@{SHA}": ("ghcr.io", "a/b/c", "v1", SHA),
    f"a/b@{SHA}": ("docker.io", "a/b", "", SHA),
    "a__b/c-d.e:Tag_1.2-x": ("docker.io", "a__b/c-d.e", "Tag_1.2-x", ""),
    "${IMAGE}:1": None,
    "a b": None,
    "": None,
    "-web:1": None,
    "web:": None,
    "web@sha256:abc": None,
    "f" * 64: None,
    "a//b": None,
    "Web:1": None,
}


@pytest.mark.parametrize("text", REFERENCES)
def test_a_reference_is_taken_apart(text: str) -> None:
    found = parse_reference(text)
    got = (found.registry, found.repository, found.tag, found.digest) if found else None
    assert got == REFERENCES[text]


def test_the_rules_read_references_alike() -> None:
    regopy = pytest.importorskip("regopy")
    interpreter = regopy.Interpreter()
    lib = Path(__file__).parents[2] / "policies" / "lib"
    for name in ("text", "image"):
        interpreter.add_module(name, (lib / f"{name}.rego").read_text())
    module = (
        "package t\n\nimport data.auditor.lib.image\n\nout[x] := image.parse(x) if some x in input.texts\n"
    )
    interpreter.add_module("t", module)
    interpreter.set_input_term(json.dumps({"texts": [text for text in REFERENCES if "${" not in text]}))
    answers: dict[str, Any] = json.loads(str(interpreter.query("data.t.out")))["expressions"][0]
    parts = ("registry", "repository", "tag", "digest")
    got = {text: tuple(answer[part] for part in parts) for text, answer in answers.items()}
    assert got == {text: expected for text, expected in REFERENCES.items() if expected is not None}


def found_in(text: str) -> list[tuple[str, str, str]]:
    blob = parse(text.encode(), redactor=Redactor(b"k" * 32))
    return [
        (one.pointer, one.field, one.image)
        for document in blob.documents
        for one in images_in(document.manifest)
    ]


def test_containers_of_every_sort() -> None:
    assert found_in("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: "a/web:1"}]
      initContainers: [{name: init, image: "a/init:1"}]
      ephemeralContainers: [{name: debug, image: busybox}]
""") == [
        ("spec.template.spec.containers[name=web].image", "container", "a/web:1"),
        ("spec.template.spec.ephemeralContainers[name=debug].image", "ephemeral", "busybox"),
        ("spec.template.spec.initContainers[name=init].image", "init", "a/init:1"),
    ]


def test_values_of_charts() -> None:
    assert found_in(f"""
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: web}}
spec:
  chart: {{spec: {{chart: web, version: 1.2.3, sourceRef: {{kind: HelmRepository, name: x}}}}}}
  values:
    image: {{registry: ghcr.io, repository: a/web, tag: 1.10}}
    sidecar: {{image: "b/side:2"}}
    worker: {{image: {{repository: a/worker, digest: "{SHA}"}}}}
    backup: {{repository: s3://x}}
""") == [
        ("spec.values.image", "helm-values", "ghcr.io/a/web:1.1"),
        ("spec.values.sidecar.image", "helm-values", "b/side:2"),
        ("spec.values.worker.image", "helm-values", f"a/worker@{SHA}"),
    ]


def test_overrides_of_kustomize_and_argo() -> None:
    assert found_in("""
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
images:
  - {name: web, newName: ghcr.io/a/web, newTag: "2"}
  - {name: a/other, newTag: "3"}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: x
  annotations:
    argocd-image-updater.argoproj.io/image-list: web=ghcr.io/a/web:~1.2, redis
spec:
  source:
    kustomize: {images: ["old=ghcr.io/a/new:4", "a/b:5"]}
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: {name: web}
spec: {image: ghcr.io/a/web}
""") == [
        ("images[name=a/other]", "kustomize-images", "a/other:3"),
        ("images[name=web]", "kustomize-images", "ghcr.io/a/web:2"),
        (
            'metadata.annotations["argocd-image-updater.argoproj.io/image-list"][0]',
            "argo-image-updater",
            "ghcr.io/a/web",
        ),
        (
            'metadata.annotations["argocd-image-updater.argoproj.io/image-list"][1]',
            "argo-image-updater",
            "redis",
        ),
        ("spec.source.kustomize.images[0]", "argo-kustomize-images", "ghcr.io/a/new:4"),
        ("spec.source.kustomize.images[1]", "argo-kustomize-images", "a/b:5"),
        ("spec.image", "flux-image-repository", "ghcr.io/a/web"),
    ]


def test_markers_are_read_with_their_fields() -> None:
    text = """apiVersion: v1
kind: Pod
metadata: {name: x}  # {"$imagepolicy": "broken"}
spec:
  containers:
    - name: web
      image: a/web:1 # {"$imagepolicy": "flux-system:web"}
      args: ["# {\\"$imagepolicy\\": \\"a:b\\"}"]
---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
images:
  - name: web
    newTag: "2" # {"$imagepolicy": "flux-system:web:tag"}
"""
    assert [(m.line, m.document, m.pointer, m.policy, m.part) for m in markers_in(text.encode())] == [
        (7, 0, "spec.containers[name=web].image", "flux-system/web", ""),
        (14, 1, "images[name=web].newTag", "flux-system/web", "tag"),
    ]
