"""Images that charts are given: in values of HelmReleases, and in every form that Argo CD takes them in.

The forms are those of Argo CD's pages "Helm" and "Application Specification", Flux' "HelmRelease" and "Automate image
updates", k3s' "Helm".
"""

from __future__ import annotations

from typing import Any

import pytest

from auditor.manifests.image_fields import FoundImage, images_in

SHA = "sha256:" + "0123456789abcdef" * 4


def application(*, sources: list[dict[str, Any]] | None = None, **source: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"project": "default", "destination": {"name": "in-cluster"}}
    address = {"repoURL": "https://github.com/argoproj/argocd-example-apps.git", "path": "guestbook"}
    if sources is not None:
        spec["sources"] = [{**address, **one} for one in sources]
    else:
        spec["source"] = {**address, **source}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "x"},
        "spec": spec,
    }


def release(**values: Any) -> dict[str, Any]:
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "podinfo"},
        "spec": {"interval": "5m", "values": values},
    }


def found(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.field, one.image) for one in images_in(manifest)]


def only(manifest: dict[str, Any]) -> FoundImage:
    (one,) = images_in(manifest)
    return one


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (
            {"repository": "ghcr.io/stefanprodan/podinfo", "tag": "5.0.0"},
            "ghcr.io/stefanprodan/podinfo:5.0.0",
        ),
        ({"registry": "docker.io", "repository": "bitnami/redis", "tag": "7"}, "docker.io/bitnami/redis:7"),
        ({"registry": "quay.io", "repository": "a/b", "digest": SHA}, f"quay.io/a/b@{SHA}"),
        ({"registry": "quay.io", "repository": "a/b", "tag": "1", "digest": SHA}, f"quay.io/a/b:1@{SHA}"),
        ({"registry": "", "repository": "a/b", "tag": "", "digest": ""}, "a/b"),
        ("a/b:c", "a/b:c"),
    ],
    ids=["flux", "registry", "digest", "all", "empty", "whole"],
)
def test_values_of_a_release_and_of_an_application(image: Any, expected: str) -> None:
    assert found(release(image=image)) == [("helm-values", expected)]
    assert found(application(helm={"valuesObject": {"image": image}})) == [("helm-values", expected)]


TEXT = """\
ingress:
  enabled: true
image:
  repository: ghcr.io/acme/web
  tag: "1.2"
worker:
  image: ghcr.io/acme/worker:3
"""


def test_values_that_are_a_text_are_read() -> None:
    images = images_in(application(helm={"values": TEXT}))
    assert [(one.pointer, one.field, one.image, one.pointers) for one in images] == [
        (
            "spec.source.helm.values.image",
            "helm-values",
            "ghcr.io/acme/web:1.2",
            ("spec.source.helm.values",),
        ),
        (
            "spec.source.helm.values.worker.image",
            "helm-values",
            "ghcr.io/acme/worker:3",
            ("spec.source.helm.values",),
        ),
    ]
    chart = {"apiVersion": "helm.cattle.io/v1", "kind": "HelmChart", "spec": {"valuesContent": TEXT}}
    assert [one.image for one in images_in(chart)] == ["ghcr.io/acme/web:1.2", "ghcr.io/acme/worker:3"]


def test_a_text_that_is_larger_than_fields_are_kept_is_read_too() -> None:
    assert only(application(helm={"values": "# " + "x" * 20_000 + "\nimage: a/b:1\n"})).image == "a/b:1"


@pytest.mark.parametrize("text", ["image: [", "{{ image: a/b:1 }}", "- image: a/b:1", "", "7", "image: ''"])
def test_a_text_that_holds_no_values_names_nothing(text: str) -> None:
    assert found(application(helm={"values": text})) == []


def parameters(**said: str) -> list[dict[str, str]]:
    return [{"name": name.replace("__", "."), "value": value} for name, value in said.items()]


def test_parameters_name_images_whole_and_in_pieces() -> None:
    whole = only(application(helm={"parameters": parameters(web__image="a/b:c")}))
    assert (whole.pointer, whole.field, whole.image, whole.pointers) == (
        "spec.source.helm.parameters[name=web.image].value",
        "argo-helm-parameters",
        "a/b:c",
        ("spec.source.helm.parameters[name=web.image].value",),
    )
    pieces = only(
        application(
            helm={
                "parameters": parameters(image__registry="ghcr.io", image__repository="a/b", image__tag="v1")
            }
        )
    )
    assert pieces.image == "ghcr.io/a/b:v1"
    assert pieces.pointers == tuple(
        f"spec.source.helm.parameters[name=image.{piece}].value"
        for piece in ("registry", "repository", "tag")
    )


def test_a_parameter_wins_over_the_values_it_is_set_beside() -> None:
    helm: dict[str, Any] = {"parameters": parameters(image__tag="v2"), "values": TEXT}
    first, other = images_in(application(helm=helm))
    assert (first.image, first.field) == ("ghcr.io/acme/web:v2", "argo-helm-parameters")
    assert first.pointers == (
        "spec.source.helm.parameters[name=image.tag].value",
        "spec.source.helm.values",
    )
    assert other.image == "ghcr.io/acme/worker:3"
    # The object takes the text's place.
    helm["valuesObject"] = {"image": {"repository": "quay.io/acme/web", "tag": "1"}}
    assert [one.image for one in images_in(application(helm=helm))] == ["quay.io/acme/web:v2"]


def test_a_tag_alone_is_told_where_the_chart_names_the_image() -> None:
    one = only(application(helm={"parameters": parameters(image__tag="v3", replicas="2")}))
    assert (one.image, one.reference) == (":v3", None)
    assert one.pointer == "spec.source.helm.parameters[name=image.tag].value"
    digest = only(application(helm={"parameters": parameters(image__digest=SHA)}))
    assert digest.image == f"@{SHA}"


def test_what_image_updater_sets_is_a_name_and_a_tag() -> None:
    one = only(application(helm={"parameters": parameters(image__name="ghcr.io/acme/web", image__tag="4")}))
    assert one.image == "ghcr.io/acme/web:4"


def test_names_of_parameters_may_have_dots_and_lists() -> None:
    helm = {
        "parameters": [{"name": "pods[0].image", "value": "a/b:1"}, {"name": r"x\.y.image", "value": "c/d:2"}]
    }
    assert sorted(one.image for one in images_in(application(helm=helm))) == ["a/b:1", "c/d:2"]
    twice = {"parameters": [{"name": "image", "value": "a/b:1"}, {"name": "image", "value": "a/b:2"}]}
    # The last counts, as for Helm.
    assert [one.image for one in images_in(application(helm=twice))] == ["a/b:2"]


def test_every_source_is_looked_into() -> None:
    manifest = application(
        sources=[
            {"helm": {"parameters": parameters(image__repository="a/one", image__tag="1")}},
            {"helm": {"values": "image: a/two:2\n"}},
            {"helm": {"valuesObject": {"image": "a/three:3"}}},
            {
                "kustomize": {
                    "images": [
                        "gcr.io/heptio-images/ks-guestbook-demo:0.2",
                        "my-app=gcr.io/my-repo/my-app:0.1",
                        f"web=a/web@{SHA}",
                    ]
                }
            },
        ]
    )
    assert [one.image for one in images_in(manifest)] == [
        "a/one:1",
        "a/two:2",
        "a/three:3",
        "gcr.io/heptio-images/ks-guestbook-demo:0.2",
        "gcr.io/my-repo/my-app:0.1",
        f"a/web@{SHA}",
    ]


def test_what_an_application_set_makes_is_looked_into() -> None:
    template = application(helm={"values": "image: a/b:1\n", "parameters": parameters(side__image="a/c:2")})
    manifest = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "spec": {"template": template},
    }
    assert [one.image for one in images_in(manifest)] == ["a/c:2", "a/b:1"]


def test_parameters_that_are_about_no_image_are_none() -> None:
    helm = {"parameters": parameters(service__port="80", backup__repository="s3://x", imagePullSecrets="x")}
    assert found(application(helm=helm)) == []
