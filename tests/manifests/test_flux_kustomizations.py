"""What Flux makes of its Kustomizations, on hand-made trees, by its documentation and its controllers' code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from auditor.manifests.deployments.declared import DeclaredSet, ProblemCause, declared_set
from auditor.manifests.deployments.interface import Deployment
from auditor.manifests.deployments.options import Cluster, DeploymentOptions
from auditor.manifests.secrets import Redactor

REDACTOR = Redactor(b"k" * 32)


class Tree:
    """A tree in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {path: text.encode() for path, text in files.items()}

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


def thing(kind: str, name: str, **fields: Any) -> str:
    version = {"Deployment": "apps/v1", "GitRepository": "source.toolkit.fluxcd.io/v1"}.get(kind, "v1")
    metadata = {"name": name, **fields.pop("metadata", {})}
    return json.dumps({"apiVersion": version, "kind": kind, "metadata": metadata, **fields})


def config_map(name: str, **data: str) -> str:
    return thing("ConfigMap", name, data=data)


def flux(name: str, path: str = "./apps", **spec: Any) -> str:
    return json.dumps(
        {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {"name": name, "namespace": "flux-system"},
            "spec": {
                "path": path,
                "prune": True,
                "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
                **spec,
            },
        }
    )


def declared(files: Mapping[str, str], **options: Any) -> DeclaredSet:
    return declared_set(
        Tree(files), environment=None, redactor=REDACTOR, options=DeploymentOptions(**options)
    )


def rendered(files: Mapping[str, str], **spec: Any) -> dict[str, Mapping[str, Any]]:
    """What a Kustomization of ./apps brings, by name; nothing may be wrong with it."""
    found = declared({"clusters/x/apps.yaml": flux("apps", **spec), **files})
    assert found.problems == ()
    return {r.document.name: r.document.manifest for r in found.resources if r.rendered_from}


def deployment(found: DeclaredSet, name: str) -> Deployment:
    return next(node.plan.deployment for key, node in found.nodes.items() if key.name == name)


CONTAINERS = {"template": {"spec": {"containers": [{"name": "web", "image": "web:1"}]}}}
FOLDER = {
    "apps/kustomization.yaml": json.dumps(
        {"resources": ["web.yaml"], "namePrefix": "own-", "images": [{"name": "web", "newTag": "2"}]}
    ),
    "apps/web.yaml": thing("Deployment", "web", spec=CONTAINERS),
}


def image_of(manifest: Mapping[str, Any]) -> str:
    return str(manifest["spec"]["template"]["spec"]["containers"][0]["image"])


def test_fields_replace_those_of_the_folder() -> None:
    [(name, manifest)] = rendered(
        FOLDER, namePrefix="eu-", nameSuffix="-1", targetNamespace="shop", images=[{"name": "web", "newName": "x/web"}]
    ).items()  # fmt: skip
    assert name == "eu-web-1"
    assert manifest["metadata"]["namespace"] == "shop"
    assert image_of(manifest) == "x/web:2"


@pytest.mark.parametrize(
    ("image", "result"),
    [
        ({"newTag": "3"}, "web:3"),
        ({"digest": "sha256:" + "a" * 64}, "web@sha256:" + "a" * 64),
        ({}, "web:2"),
    ],
)
def test_an_image_that_both_set_is_one_entry(image: Mapping[str, str], result: str) -> None:
    assert image_of(rendered(FOLDER, images=[{"name": "web", **image}])["own-web"]) == result


def test_patches_come_after_the_folders_own_and_before_names_and_images() -> None:
    own = {
        "resources": ["web.yaml"],
        "namePrefix": "own-",
        "patches": [
            {"patch": '[{"op": "add", "path": "/metadata/annotations", "value": {"a": "own", "b": "own"}}]', "target": {"kind": "Deployment"}}
        ],
        "images": [{"name": "other", "newTag": "9"}],
    }  # fmt: skip
    patch = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "annotations": {"b": "flux"}},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "other:1"}]}}},
    }  # fmt: skip
    files = {**FOLDER, "apps/kustomization.yaml": json.dumps(own)}
    manifest = rendered(files, patches=[{"patch": json.dumps(patch)}])["own-web"]
    assert manifest["metadata"]["annotations"] == {"a": "own", "b": "flux"}
    assert image_of(manifest) == "other:9"


def test_components_are_added_and_missing_ones_may_be_ignored() -> None:
    component = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", "configMapGenerator": [
            {"name": "more", "literals": ["a=1"], "options": {"disableNameSuffixHash": True}}
        ],
    }  # fmt: skip
    files = {**FOLDER, "parts/more/kustomization.yaml": json.dumps(component)}
    found = rendered(files, components=["../parts/more", "../parts/none"], ignoreMissingComponents=True)
    assert set(found) == {"own-web", "own-more"}
    for bad in ("../parts/none", "https://example.com/x", "/parts/more"):
        broken = declared({"clusters/x/apps.yaml": flux("apps", components=[bad]), **files})
        assert [problem.cause for problem in broken.problems] == [ProblemCause.BUILD], bad


def test_common_metadata_is_on_objects_alone() -> None:
    manifest = rendered(
        FOLDER,
        commonMetadata={"labels": {"team": "${TEAM}"}, "annotations": {"note": "n"}},
        postBuild={"substitute": {"TEAM": "a"}},
    )["own-web"]
    assert manifest["metadata"]["labels"] == {"team": "${TEAM}"}
    assert manifest["metadata"]["annotations"] == {"note": "n"}
    assert "metadata" not in manifest["spec"]["template"]


def test_what_kustomize_refuses_and_flux_does_not_read() -> None:
    files = {**FOLDER, "apps/kustomization.yaml": json.dumps({"resources": ["web.yaml"], "typo": [1]})}
    assert set(rendered(files)) == {"web"}


def test_generated_config_maps_show_their_origin_as_flux_makes_them() -> None:
    own = {
        "configMapGenerator": [{"name": "g", "literals": ["a=1"], "options": {"disableNameSuffixHash": True}}]
    }
    found = rendered({"apps/kustomization.yaml": json.dumps(own)})
    assert "config.kubernetes.io/origin" in found["g"]["metadata"]["annotations"]
    assert "annotations" not in rendered(FOLDER)["own-web"]["metadata"]


def test_a_folder_without_a_kustomization_takes_every_yaml_file() -> None:
    files = {"apps/a.yaml": config_map("a"), "apps/b/c.yml": config_map("c"), "apps/d/kustomization.yaml": "resources: [e.yaml]",
             "apps/d/e.yaml": config_map("e"), "apps/d/f.yaml": config_map("f"), "apps/g.json": config_map("g")}  # fmt: skip
    assert set(rendered(files, targetNamespace="x")) == {"a", "c", "e"}
    broken = declared({"clusters/x/apps.yaml": flux("apps"), **files, "apps/values.yaml": "a: [b"})
    assert [problem.cause for problem in broken.problems] == [ProblemCause.BUILD]


@pytest.mark.parametrize("path", ["./gone", "apps/gone", "gone/../.."])
def test_paths_do_not_lead_out_and_have_to_be_there(path: str) -> None:
    found = declared({"clusters/x/apps.yaml": flux("apps", path), **FOLDER})
    if path.endswith(".."):
        assert deployment(found, "apps").folder == ""
        return
    [problem] = found.problems
    assert problem.cause is ProblemCause.PATH
    assert "flux-system/apps" in problem.message


def test_what_flux_is_told_to_leave_alone_is_not_declared() -> None:
    marks = {"a": {"kustomize.toolkit.fluxcd.io/reconcile": "Disabled"}, "b": {"kustomize.toolkit.fluxcd.io/ssa": "Ignore"},
             "c": {"kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent"}}  # fmt: skip
    files = {
        f"apps/{name}.yaml": thing("ConfigMap", name, metadata={"annotations": mark})
        for name, mark in marks.items()
    }
    assert set(rendered(files)) == {"c"}


VARIABLES = {"apps/cm.yaml": config_map("cm", a="${A}", b="${B:-none}", c="$${C}")}


def test_nothing_is_filled_in_unless_something_is_given() -> None:
    untouched = {"a": "${A}", "b": "${B:-none}", "c": "$${C}"}
    assert rendered(VARIABLES)["cm"]["data"] == untouched
    assert rendered(VARIABLES, postBuild={})["cm"]["data"] == untouched
    always = {"substituteStrategy": "Always"}
    assert rendered({"apps/cm.yaml": config_map("cm", b="${B:-none}")}, postBuild=always)["cm"]["data"] == {
        "b": "none"
    }


def test_sources_of_variables_in_their_order() -> None:
    files = {
        **VARIABLES,
        "vars/one.yaml": thing("ConfigMap", "one", metadata={"namespace": "flux-system"}, data={"A": "1", "B": "1\n2"}),
        "vars/two.yaml": thing("ConfigMap", "two", metadata={"namespace": "flux-system"}, data={"A": "2"}),
        "clusters/x/vars.yaml": flux("vars", "./vars"),
    }  # fmt: skip
    both = [{"kind": "ConfigMap", "name": "one"}, {"kind": "ConfigMap", "name": "two"}]
    assert rendered(files, postBuild={"substituteFrom": both})["cm"]["data"] == {
        "a": 2,
        "b": 12,
        "c": "${C}",
    }
    turned = {"substituteFrom": both[::-1], "substitute": {"B": "own"}}
    assert rendered(files, postBuild=turned)["cm"]["data"] == {"a": 1, "b": "own", "c": "${C}"}


def test_variables_from_what_kustomize_generates_and_what_another_is_filled_into() -> None:
    """`last` needs what `second` brings, whose own value `first` gives, whatever order they are found in."""
    generator = {
        "configMapGenerator": [
            {"name": "generated", "namespace": "flux-system", "literals": ["N=7"], "options": {"disableNameSuffixHash": True}}
        ]
    }  # fmt: skip
    files = {
        "clusters/x/a-last.yaml": flux("last", postBuild={"substituteFrom": [{"kind": "ConfigMap", "name": "filled"}]}),
        "clusters/x/b-second.yaml": flux("second", "./second", postBuild={"substituteFrom": [{"kind": "ConfigMap", "name": "generated"}]}),
        "clusters/x/c-first.yaml": flux("first", "./first"),
        "first/kustomization.yaml": json.dumps(generator),
        "second/filled.yaml": thing("ConfigMap", "filled", metadata={"namespace": "flux-system"}, data={"A": "v${N}"}),
        "apps/cm.yaml": config_map("cm", a="${A}"),
    }  # fmt: skip
    found = declared(files)
    assert found.problems == ()
    assert {r.document.name: r.document.manifest for r in found.resources}["cm"]["data"] == {"a": "v7"}
    assert deployment(found, "last").reads == ("ConfigMap flux-system/filled",)


def test_what_comes_late_is_taken_still() -> None:
    """Both wait for something; the one that goes on without brings what the other waits for."""
    files = {
        "clusters/x/a.yaml": flux("a", postBuild={"substituteFrom": [{"kind": "ConfigMap", "name": "late"}]}),
        "clusters/x/b.yaml": flux("b", "./late", postBuild={"substituteFrom": [{"kind": "Secret", "name": "nowhere"}]}),
        "late/cm.yaml": thing("ConfigMap", "late", metadata={"namespace": "flux-system"}, data={"A": "late"}),
        "apps/cm.yaml": config_map("cm", a="${A}"),
    }  # fmt: skip
    found = declared(files)
    assert found.problems == ()
    assert {r.document.name: r.document.manifest for r in found.resources}["cm"]["data"] == {"a": "late"}


SECRET = {
    "vars/secret.yaml": thing("Secret", "s", metadata={"namespace": "flux-system"}, stringData={"A": "hunter22"}),
    "clusters/x/vars.yaml": flux("vars", "./vars"),
}  # fmt: skip


def test_values_of_secrets_are_not_known_and_that_is_said() -> None:
    files = {
        **SECRET, "apps/cm.yaml": config_map("cm", a="${A}", b="${B:-b}", c="${A:-d}"),
        "clusters/x/apps.yaml": flux("apps", postBuild={"substituteFrom": [{"kind": "Secret", "name": "s"}]}),
    }  # fmt: skip
    found = declared(files)
    assert found.problems == ()
    data = {r.document.name: r.document.manifest for r in found.resources}["cm"]["data"]
    assert data == {"a": "${A}", "b": "b", "c": "${A:-d}"}
    said = deployment(found, "apps").settings
    assert said["variables not known"] == "A"
    assert "hunter22" not in str(found)
    known = declared(files, variables={"x": {"A": "told"}})
    data = {r.document.name: r.document.manifest for r in known.resources}["cm"]["data"]
    assert data == {"a": "told", "b": "b", "c": "told"}


def test_what_may_come_from_outside_git_stays_and_is_said() -> None:
    reference = {"kind": "Secret", "name": "outside"}
    files = {
        "apps/cm.yaml": config_map("cm", a="${A}", b="${B:-b}", c="${C}"),
        "clusters/x/apps.yaml": flux(
            "apps", postBuild={"substituteFrom": [reference], "substitute": {"C": "c"}}
        ),
    }
    found = declared(files)
    data = {r.document.name: r.document.manifest for r in found.resources}["cm"]["data"]
    assert data == {"a": "${A}", "b": "b", "c": "c"}
    assert deployment(found, "apps").settings["variables may also come from"] == "Secret flux-system/outside"


def test_an_optional_config_map_that_git_lacks_gives_nothing() -> None:
    optional = {"kind": "ConfigMap", "name": "gone", "optional": True}
    post_build = {"substituteFrom": [optional], "substitute": {"A": "1"}}
    assert rendered(VARIABLES, postBuild=post_build)["cm"]["data"] == {"a": 1, "b": "none", "c": "${C}"}


def test_secrets_that_variables_put_into_a_resource_are_redacted() -> None:
    files = {"apps/s.yaml": thing("Secret", "s", stringData={"x": "${X}"})}
    found = declared(
        {"clusters/x/apps.yaml": flux("apps", postBuild={"substitute": {"X": "hunter22"}}), **files}
    )
    [secret] = [r.document for r in found.resources if r.document.kind == "Secret"]
    assert secret.manifest["stringData"]["x"] == REDACTOR.redact_secret_value("hunter22", encoded=False)


@pytest.mark.parametrize("mark", ["labels", "annotations"])
def test_a_marked_resource_is_left_alone(mark: str) -> None:
    disabled = {mark: {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}}
    files = {"apps/cm.yaml": thing("ConfigMap", "cm", metadata=disabled, data={"a": "${A} ${"})}
    assert rendered(files, postBuild={"substitute": {"A": "1"}})["cm"]["data"] == {"a": "${A} ${"}


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("${X}", "8080", 8080),
        ("${X}", "true", True),
        ("${X}", "08", 8),
        ("${X}", '"8080"', "8080"),
        ("${X}", "", None),
        ("${X}", "[a, {b: c}]", ["a", {"b": "c"}]),
        ("${X}", "a # b", "a"),
        ("p${X}", "8080", "p8080"),
        ("k: ${X}", "8080", "k: 8080"),
        ("line\n${X}\n", "8080", "line\n8080\n"),
        ("${X}", "é😀", "é😀"),
        ("- ${X}", "1", "- 1"),
    ],
)
def test_what_a_filled_text_is_read_as(text: str, value: str, result: Any) -> None:
    files = {"apps/cm.yaml": config_map("cm", a=text, other="0")}
    data = rendered(files, postBuild={"substitute": {"X": value}})["cm"]["data"]
    assert data == {"a": result, "other": "0"}


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("'${X}'", {"X": "it's"}),
        ("${X}", {"X": "a: b: c"}),
        ("${X-default}", {"X": "1"}),
        ("${UNSET}", {"X": "1"}),
        ("x", {"not-a-name": "1"}),
    ],
)
def test_what_cannot_be_filled_in_fails_the_kustomization(text: str, variables: dict[str, str]) -> None:
    found = declared(
        {
            "clusters/x/apps.yaml": flux("apps", postBuild={"substitute": variables}),
            "apps/cm.yaml": config_map("cm", a=text),
        }
    )
    [problem] = found.problems
    assert problem.cause is ProblemCause.BUILD
    assert "flux-system/apps" in problem.message
    assert not [r for r in found.resources if r.document.name == "cm"]


@pytest.mark.parametrize(
    ("path", "content", "is_strict"),
    [
        ("clusters/x/flux-system/gotk-components.yaml", "image: ghcr.io/fluxcd/kustomize-controller:v1.8.2", False),
        ("clusters/x/flux-system/gotk-components.yaml", "image: ghcr.io/fluxcd/kustomize-controller:v1.9.0", True),
        ("clusters/x/flux-system/kustomization.yaml", "# --feature-gates=StrictPostBuildSubstitutions=false", False),
        ("README.md", "StrictPostBuildSubstitutions=false", True),
    ],
)  # fmt: skip
def test_variables_that_are_not_set(path: str, content: str, is_strict: bool) -> None:
    files = {
        "clusters/x/apps.yaml": flux("apps", postBuild={"substitute": {"A": "1"}}),
        "apps/cm.yaml": config_map("cm", a="<${UNSET}>"),
        path: content,
    }
    found = declared(files)
    data = [r.document.manifest["data"] for r in found.resources if r.document.name == "cm"]
    assert data == ([] if is_strict else [{"a": "<>"}])
    told = declared(files, strict_substitution=not is_strict)
    assert bool([r for r in told.resources if r.document.name == "cm"]) is is_strict


def source(name: str = "flux-system", **spec: Any) -> str:
    return thing("GitRepository", name, metadata={"namespace": "flux-system"}, spec=spec)


OWN = {
    "clusters/x/sync.yaml": flux("all", "./clusters/x"),
    "clusters/x/source.yaml": source(url="ssh://git@example.com/org/fleet.git"),
}


def test_another_repository_is_told_by_its_address() -> None:
    other = {"sourceRef": {"kind": "GitRepository", "name": "other"}}
    files = {
        **OWN, "apps/cm.yaml": config_map("cm"),
        "clusters/x/other.yaml": source("other", url="https://user:pw@example.com/org/other", ref={"branch": "main"}),
        "clusters/x/apps.yaml": flux("apps", **other),
    }  # fmt: skip
    found = declared(files)
    [problem] = found.problems
    assert problem.cause is ProblemCause.ELSEWHERE
    assert "https://example.com/org/other" in problem.message
    assert "cm" not in {r.document.name for r in found.resources}
    assert deployment(found, "apps").source is not None
    assert deployment(found, "apps").source.revision == "branch main"  # type: ignore[union-attr]
    here = {**files, "clusters/x/other.yaml": source("other", url="https://example.com/Org/fleet")}
    assert declared(here).problems == ()
    told = declared(files, repository_urls=frozenset({"git@example.com:org/other.git"}))
    assert told.problems == ()


IGNORE = {
    **OWN,
    "apps/a.yaml": config_map("a"),
    "apps/b.yaml": config_map("b"),
    "apps/.github/w.yaml": config_map("w"),
    "clusters/x/apps.yaml": flux("apps"),
}


@pytest.mark.parametrize(
    ("files", "spec", "found"),
    [
        ({}, {}, {"a", "b"}),
        ({"apps/.sourceignore": "b.yaml\n"}, {}, {"a"}),
        ({".sourceignore": "# all\n/apps/*\n!/apps/b.yaml\n"}, {}, {"b"}),
        ({".sourceignore": "apps/\n"}, {"ignore": "!a.yaml\n!.github/\n"}, {"a", "w"}),
        ({}, {"ignore": "**/b.yaml"}, {"a"}),
        ({}, {"ignore": "b.yaml/\n/a.yaml\n"}, {"a", "b"}),
        ({}, {"sparseCheckout": ["./apps/a", "clusters"]}, {"a"}),
        ({"copied/z.yaml": config_map("z")}, {"include": [{"repository": {"name": "same"}, "fromPath": "copied", "toPath": "apps/c"}]},
         {"a", "b", "z"}),
    ],
)  # fmt: skip
def test_files_that_the_artifact_lacks(files: dict[str, str], spec: dict[str, Any], found: set[str]) -> None:
    url = "ssh://git@example.com/org/fleet.git"
    sources = {
        "clusters/x/source.yaml": source(url=url, **spec),
        "clusters/x/same.yaml": source("same", url=url),
    }
    result = declared({**IGNORE, **sources, **files})
    assert result.problems == ()
    assert {r.document.name for r in result.resources if r.document.kind == "ConfigMap"} == found


def test_the_whole_folder_may_be_left_out() -> None:
    [problem] = declared({**IGNORE, ".sourceignore": "apps/"}).problems
    assert problem.cause is ProblemCause.PATH


def test_what_another_repository_is_included_for_is_told() -> None:
    include = [{"repository": {"name": "other"}, "toPath": "apps/inner"}]
    files = {
        **IGNORE, "clusters/x/source.yaml": source(url="ssh://git@example.com/org/fleet.git", include=include),
        "clusters/x/inner.yaml": flux("inner", "./apps/inner/deep"),
    }  # fmt: skip
    found = declared(files)
    assert [problem.cause for problem in found.problems] == [ProblemCause.ELSEWHERE]
    assert deployment(found, "apps").settings["lacks"] == "GitRepository other"


def test_another_cluster_is_another_environment() -> None:
    config = {"kubeConfig": {"secretRef": {"name": "edge-kubeconfig"}}}
    files = {
        "clusters/x/here.yaml": flux("here"),
        "clusters/x/there.yaml": flux("there", **config),
        **VARIABLES,
    }
    found = declared(files)
    assert found.problems == ()
    assert sorted(r.environment for r in found.resources if r.document.name == "cm") == ["edge", "x"]
    cluster = Cluster(name="edge-kubeconfig", environment="far")
    named = declared(files, clusters=(cluster,))
    assert sorted(r.environment for r in named.resources if r.document.name == "cm") == ["far", "x"]


def test_what_people_are_told_of_a_kustomization() -> None:
    spec = {"suspend": True, "prune": False, "force": True, "deletionPolicy": "Orphan", "decryption": {"provider": "sops"},
            "dependsOn": [{"name": "other"}, {"name": "far", "namespace": "team"}]}  # fmt: skip
    found = declared({"clusters/x/apps.yaml": flux("apps", **spec), **VARIABLES})
    one = deployment(found, "apps")
    assert (one.suspended, one.prunes) == (True, False)
    assert {"force": "true", "deletionPolicy": "Orphan", "decryption": "sops"}.items() <= one.settings.items()
    assert [(entry.namespace, entry.name) for entry in one.depends_on] == [
        ("flux-system", "other"),
        ("team", "far"),
    ]
    assert {r.document.name for r in found.resources} == {"apps", "cm"}


def test_another_branch_of_the_repository_is_not_what_is_audited() -> None:
    url = "https://example.com/org/fleet"
    team = {"sourceRef": {"kind": "GitRepository", "name": "team"}}
    files = {
        **OWN, "apps/cm.yaml": config_map("cm"),
        "clusters/x/team.yaml": source("team", url=url, ref={"branch": "team"}),
        "clusters/x/apps.yaml": flux("apps", **team),
        "clusters/x/theirs.yaml": flux("theirs", "./production", **team),
    }  # fmt: skip
    found = declared(files)
    [problem] = found.problems
    assert problem.cause is ProblemCause.ELSEWHERE
    assert "at branch team" in problem.message
    assert deployment(found, "apps").settings["revision"].startswith("branch team")
    assert [entry.cause for entry in declared(files, branch="team").problems] == [ProblemCause.PATH]
