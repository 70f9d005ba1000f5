"""Values of releases against the schemas of their charts: the same verdict as the real Helm, and the known part alone
where git does not hold all values."""

from __future__ import annotations

import copy
import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests.helm_trees import (
    CHART,
    REDACTOR,
    Tree,
    below,
    config_map,
    helm_program,
    helm_release,
    in_git,
    packaged,
)

from auditor.errors import RenderError
from auditor.manifests.deployments.declared import DeclaredProblem, DeclaredSet, ProblemCause, declared_set
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.rendering.chart_schemas import GivenValues, judge_values
from auditor.manifests.rendering.chart_values import merged, set_at, way_of
from auditor.manifests.rendering.charts import Chart

HELM = helm_program()
needs_helm = pytest.mark.skipif(HELM is None, reason="helm is not there")

SCHEMA = {
    "type": "object",
    "required": ["replicas"],
    "additionalProperties": False,
    "properties": {
        "replicas": {"type": "integer", "minimum": 1},
        "image": {"type": "object", "required": ["repository"], "properties": {"tag": {"type": "string"}}},
        "extra": {"type": "object"},
        "hosts": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        "password": {"type": "string", "minLength": 8},
        "global": {"type": "object"},
    },
}


def with_schema(schema: Any = SCHEMA) -> dict[str, str]:
    return {**CHART, "values.schema.json": json.dumps(schema)}


@pytest.fixture(autouse=True)
def _helm_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    if HELM is not None:
        monkeypatch.setenv("PATH", str(HELM.parent), prepend=":")


def declared(files: Mapping[str, str | bytes]) -> DeclaredSet:
    return declared_set(Tree(files), environment=None, redactor=REDACTOR, options=DeploymentOptions())


def release(chart: Mapping[str, str | bytes] | None = None, **spec: Any) -> dict[str, str | bytes]:
    return {
        **below("charts/app", chart or with_schema()),
        "apps/web.yaml": json.dumps(json.loads(helm_release(chart=in_git(), **spec)), indent=1),
    }


def of_values(found: DeclaredSet) -> list[DeclaredProblem]:
    return [problem for problem in found.problems if problem.cause is ProblemCause.VALUES]


def line_of(files: Mapping[str, str | bytes], path: str, text: str) -> int:
    content = files[path]
    lines = (content if isinstance(content, str) else content.decode()).splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if text in line]
    return number


@pytest.mark.needs_helm
@needs_helm
def test_a_refused_release_is_one_problem_at_the_line_of_the_value() -> None:
    files = release(values={"image": {"tag": 7, "repository": "x"}, "replicas": 2})
    (problem,) = declared(files).problems
    assert problem.cause is ProblemCause.VALUES
    assert (problem.path, problem.line) == ("apps/web.yaml", line_of(files, "apps/web.yaml", '"tag"'))
    assert problem.pointer == "values.image.tag"
    assert 'image.tag: it is not of type "string" (chart app 1.2.3)' in problem.message
    assert problem.about is not None
    assert (problem.about.kind, problem.about.namespace, problem.about.name) == ("HelmRelease", "apps", "web")


@pytest.mark.needs_helm
@needs_helm
def test_nothing_of_a_refused_release_is_declared_and_several_values_are_named() -> None:
    found = declared(release(values={"replicas": 0, "image": {"tag": 7}, "nosuch": True}))
    (problem,) = found.problems
    for words in ("replicas: ", "image.tag: ", "nosuch: the schema knows no such value"):
        assert words in problem.message
    assert not any(entry.rendered_from for entry in found.resources)


@pytest.mark.needs_helm
@needs_helm
def test_a_required_value_is_pointed_to_where_it_should_stand() -> None:
    files = release(
        {**with_schema(), "values.yaml": "replicas: 1\n"}, values={"hosts": [{"name": "a"}, {"port": 1}]}
    )
    (problem,) = of_values(declared(files))
    assert problem.pointer == "values.hosts[1].name"
    assert problem.line == line_of(files, "apps/web.yaml", '"port"') - 1


@pytest.mark.needs_helm
@needs_helm
def test_a_value_of_a_config_map_and_one_of_a_values_file_are_found_in_their_files() -> None:
    files = release(valuesFrom=[{"kind": "ConfigMap", "name": "settings"}])
    files["apps/settings.yaml"] = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: apps}\n"
        "data:\n  values.yaml: |\n    extra: {}\n    replicas: many\n"
    )
    (problem,) = of_values(declared(files))
    assert (problem.path, problem.line) == ("apps/settings.yaml", 7)
    files = release()
    files["apps/web.yaml"] = helm_release(chart=in_git(valuesFiles=["charts/app/values.yaml", "prod.yaml"]))
    files["prod.yaml"] = "# prod\nreplicas: many\n"
    (problem,) = of_values(declared(files))
    assert (problem.path, problem.line, problem.pointer) == ("prod.yaml", 2, "values.replicas")


@pytest.mark.needs_helm
@needs_helm
def test_what_a_secret_may_satisfy_is_no_finding_and_the_rest_is_rendered() -> None:
    schema = {**SCHEMA, "required": ["replicas", "password"]}
    files = release(with_schema(schema), valuesFrom=[{"kind": "Secret", "name": "keys"}])
    found = declared(files)
    assert [problem.cause for problem in found.problems] == [ProblemCause.UNKNOWN]
    assert any(entry.id.name == "web-web" for entry in found.resources)
    # The same without a Secret is a finding, at the object.
    (problem,) = declared(release(with_schema(schema))).problems
    assert problem.cause is ProblemCause.VALUES
    assert "password: it is required" in problem.message


@pytest.mark.needs_helm
@needs_helm
def test_what_nothing_can_replace_is_judged_beside_a_secret() -> None:
    secret = {"kind": "Secret", "name": "keys"}
    above = release(valuesFrom=[secret], values={"replicas": "many"})
    assert [problem.pointer for problem in of_values(declared(above))] == ["values.replicas"]
    settings_map = config_map("settings", **{"values.yaml": "replicas: many\n"})
    reference = {"kind": "ConfigMap", "name": "settings"}
    for order, number in (([reference, secret], 0), ([secret, reference], 1)):
        files = release(valuesFrom=order)
        files["apps/settings.yaml"] = settings_map
        assert len(of_values(declared(files))) == number, order


@pytest.mark.needs_helm
@needs_helm
def test_a_secret_that_is_set_at_a_path_leaves_the_rest_known() -> None:
    reference = {"kind": "Secret", "name": "keys", "targetPath": "password"}
    schema = {**SCHEMA, "required": ["replicas", "password", "image"]}
    assert of_values(declared(release(with_schema(schema), valuesFrom=[reference]))) == []
    (problem,) = of_values(
        declared(release(with_schema(schema), valuesFrom=[reference], values={"image": None}))
    )
    assert "image: it is required" in problem.message


@pytest.mark.needs_helm
@needs_helm
def test_a_chart_that_nothing_installs_is_judged_by_its_own_values_and_rendered() -> None:
    # What is empty waits for whoever installs it, and so does what is required.
    schema = {**SCHEMA, "required": ["replicas", "password", "name"]}
    own = "replicas: 1\nimage: {repository: a/b}\nextra: {}\npassword: ''\n"
    chart = {**with_schema(schema), "values.yaml": own}
    assert declared(below("charts/app", chart)).problems == ()
    files = below("charts/app", {**chart, "values.yaml": own + "hosts: none\n"})
    found = declared(files)
    (problem,) = found.problems
    assert (problem.cause, problem.path, problem.line) == (ProblemCause.VALUES, "charts/app/values.yaml", 5)
    assert [entry.id.name for entry in found.resources if entry.id.kind == "Deployment"] == ["app-web"]


@pytest.mark.needs_helm
@needs_helm
def test_schemas_that_cannot_be_used_are_named() -> None:
    remote = with_schema({"properties": {"a": {"$ref": "https://example.org/a.json"}}})
    found = declared(release(remote))
    (problem,) = found.problems
    assert problem.cause is ProblemCause.SCHEMA
    assert "refers to https://example.org/a.json, which is not fetched" in problem.message
    assert any(entry.id.name == "web-web" for entry in found.resources)
    # Helm does not install a chart whose schema is none, and that is what it then says.
    broken = declared(release({**CHART, "values.schema.json": '{"type": 12}'}))
    assert {problem.cause for problem in broken.problems} == {ProblemCause.SCHEMA, ProblemCause.TEMPLATE}


@pytest.mark.needs_helm
@needs_helm
def test_validation_that_is_turned_off_is_a_named_skip() -> None:
    found = declared(release(values={"nosuch": 1}, install={"disableSchemaValidation": True}))
    (problem,) = found.problems
    assert problem.cause is ProblemCause.SCHEMA
    assert "turned off" in problem.message
    assert any(entry.id.name == "web-web" for entry in found.resources)


@pytest.mark.needs_helm
@needs_helm
def test_what_stands_for_a_secret_is_not_judged() -> None:
    sealed = "ENC[AES256_GCM,data:aaaa,iv:bbbb,tag:cccc,type:int]"
    assert of_values(declared(release(values={"replicas": sealed}))) == []
    assert of_values(declared(release(values={"replicas": "${REPLICAS}"}))) == []


def application(**helm: Any) -> dict[str, str | bytes]:
    source = {"repoURL": "https://example.org/x.git", "path": "charts/app", "helm": helm}
    spec = {"project": "default", "source": source, "destination": {"namespace": "web", "name": "in-cluster"}}
    manifest = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web", "namespace": "argocd"},
        "spec": spec,
    }
    return {**below("charts/app", with_schema()), "argo/web.yaml": json.dumps(manifest, indent=1)}


@pytest.mark.needs_helm
@needs_helm
@pytest.mark.parametrize(
    ("helm", "marker", "path"),
    [
        ({"parameters": [{"name": "replicas", "value": "many"}]}, '"name": "replicas"', "argo/web.yaml"),
        ({"valuesObject": {"replicas": "many"}}, '"replicas"', "argo/web.yaml"),
        ({"values": "replicas: many\n"}, '"values"', "argo/web.yaml"),
        ({"valueFiles": ["prod.yaml"]}, "replicas", "charts/app/prod.yaml"),
    ],
    ids=["parameter", "object", "text", "file"],
)
def test_values_of_an_application_are_judged_where_they_stand(
    helm: dict[str, Any], marker: str, path: str
) -> None:
    files = application(**helm)
    files["charts/app/prod.yaml"] = "# more of them\nreplicas: many\n"
    (problem,) = declared(files).problems
    assert problem.cause is ProblemCause.VALUES
    assert problem.path == path
    shift = 1 if marker == '"name": "replicas"' else 0
    assert problem.line == line_of(files, path, marker) - shift
    assert problem.about is not None
    assert problem.about.kind == "Application"


@pytest.mark.needs_helm
@needs_helm
def test_a_values_file_of_another_repository_leaves_open_what_it_may_set() -> None:
    files = application(valueFiles=["early.yaml", "https://example.org/values.yaml", "late.yaml"])
    files["charts/app/early.yaml"] = "replicas: many\n"
    files["charts/app/late.yaml"] = "image: {tag: 1}\n"
    (problem,) = of_values(declared(files))
    assert (problem.path, problem.pointer) == ("charts/app/late.yaml", "values.image.tag")
    assert "replicas" not in problem.message


def test_values_are_judged_without_helm_and_all_else_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.manifests.rendering.helm.HelmRenderer.is_there", lambda self: False)
    plain = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "beside"}})
    for files, cause in (
        (release(values={"replicas": "many"}), ProblemCause.VALUES),
        (release(values={"replicas": 2}), ProblemCause.UNSUPPORTED),
        (application(valuesObject={"replicas": "many"}), ProblemCause.VALUES),
        (application(valuesObject={"replicas": 2}), ProblemCause.UNSUPPORTED),
    ):
        found = declared({**files, "config/plain.yaml": plain})
        assert cause in {problem.cause for problem in found.problems}
        assert "beside" in {entry.id.name for entry in found.resources}


CHILD_SCHEMA = {
    "type": "object",
    "required": ["port"],
    "properties": {
        "port": {"type": "integer"},
        "global": {"type": "object", "properties": {"zone": {"type": "string"}}},
    },
}
CHILD = {
    "Chart.yaml": "apiVersion: v2\nname: child\nversion: 0.1.0\n",
    "values.yaml": "port: 80\nmode: null\n",
    "values.schema.json": json.dumps(CHILD_SCHEMA),
    "templates/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x-{{ .Chart.Name }}}\n",
}
PARENT = {
    "Chart.yaml": "apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n"
    "  - {name: child, version: 0.1.0, condition: child.enabled, tags: [extras]}\n"
    "  - {name: child, version: 0.x, alias: other}\n",
    "values.yaml": "child: {enabled: true}\nname: parent\nnothing: null\ndeep: {a: null, b: {c: null, d: 1}}\n",
    "values.schema.json": json.dumps(
        {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "nothing": {"type": "integer"},
                "deep": {"type": "object", "required": ["b"], "properties": {"a": {"type": "integer"}}},
                "child": {"type": "object"},
            },
        }
    ),
    "templates/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
}


def chart(files: Mapping[str, str | bytes]) -> Chart:
    content = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return Chart(name="parent", version="1.0.0", where="parent", files=content)


FAMILY = {**PARENT, **below("charts/child", CHILD)}
PACKED = {**PARENT, "charts/child-0.1.0.tgz": packaged(CHILD, "child")}


def ways(values: Mapping[str, Any], files: Mapping[str, str | bytes] = FAMILY) -> list[str]:
    return [found.pointer for found in judge_values(chart(files), GivenValues(values=values)).violations]


@pytest.mark.parametrize("files", [FAMILY, PACKED], ids=["folder", "package"])
def test_subcharts_are_judged_by_their_own_schemas_under_their_alias(
    files: Mapping[str, str | bytes],
) -> None:
    assert ways({}, files) == []
    assert ways({"child": {"port": "x"}}, files) == ["values.child.port"]
    assert ways({"other": {"port": None}}, files) == ["values.other.port"]
    # By condition, and by tags where no condition says otherwise.
    assert ways({"child": {"port": "x", "enabled": False}}, files) == []
    assert ways({"child": {"port": "x", "enabled": None}, "tags": {"extras": False}}, files) == []
    assert ways({"global": {"zone": 1}}, files) == ["values.child.global.zone", "values.other.global.zone"]


def helm_takes(files: Mapping[str, str | bytes], values: Mapping[str, Any]) -> bool:
    """What the real program says of the values."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, content in files.items():
            (root / "chart" / path).parent.mkdir(parents=True, exist_ok=True)
            (root / "chart" / path).write_bytes(content.encode() if isinstance(content, str) else content)
        (root / "values.json").write_text(json.dumps(values))
        completed = subprocess.run(
            [str(HELM), "template", "x", str(root / "chart"), "-f", str(root / "values.json")],
            capture_output=True,
            text=True,
            check=False,
        )
    assert completed.returncode == 0 or "schema" in completed.stderr, completed.stderr
    return completed.returncode == 0


SCALARS = st.sampled_from([None, True, False, 1, "x"])
CHILDREN = st.dictionaries(
    st.sampled_from(["port", "enabled", "mode", "global"]),
    SCALARS | st.dictionaries(st.sampled_from(["zone", "z"]), SCALARS, max_size=2),
    max_size=3,
).map(lambda value: {**value, "global": value["global"]} if isinstance(value.get("global"), dict) else {
    key: entry for key, entry in value.items() if key != "global"
})  # fmt: skip
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "child": CHILDREN,
        "other": CHILDREN,
        "name": SCALARS,
        "nothing": SCALARS,
        "deep": SCALARS | st.dictionaries(st.sampled_from(["a", "b"]), SCALARS, max_size=2),
        "tags": st.dictionaries(st.just("extras"), SCALARS, max_size=1),
        "global": st.dictionaries(st.sampled_from(["zone", "y"]), SCALARS, max_size=2),
    },
)


@pytest.mark.needs_helm
@needs_helm
@settings(max_examples=40, deadline=None)
@given(values=VALUES)
def test_the_verdict_is_helms_own(values: dict[str, Any]) -> None:
    assert (ways(values) == []) is helm_takes(FAMILY, values), values


def test_values_that_come_from_subcharts_are_not_missing() -> None:
    chart_yaml = "apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n"
    chart_yaml += "  - {name: child, version: 0.1.0, import-values: [defaults]}\n"
    schema = {"type": "object", "required": ["taken"], "properties": {"name": {"type": "integer"}}}
    files = {
        **FAMILY,
        "Chart.yaml": chart_yaml,
        "values.schema.json": json.dumps(schema),
        "charts/child/values.yaml": "port: 80\nexports: {defaults: {taken: 1}}\n",
    }
    assert ways({}, files) == ["values.name"]


RICH = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "port": {"type": "integer", "minimum": 1},
        "deep": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"enum": [1, "x"]}},
            "additionalProperties": False,
            "minProperties": 1,
        },
        "list": {"type": "array", "items": {"type": "object", "required": ["a"]}},
        "one": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]},
        "none": {"not": {"type": "string"}},
    },
    "if": {"properties": {"port": {"const": 1}}, "required": ["port"]},
    "then": {"properties": {"name": {"const": "x"}}, "required": ["deep"]},
    "dependentRequired": {"one": ["port"]},
}
DEEP = SCALARS | st.dictionaries(st.sampled_from(["a", "b", "c"]), SCALARS, max_size=2)
RICH_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": SCALARS,
        "port": SCALARS,
        "deep": DEEP,
        "list": SCALARS | st.lists(DEEP, max_size=2),
        "one": DEEP,
        "none": DEEP,
    },
)
PLAIN = {
    "Chart.yaml": "apiVersion: v2\nname: plain\nversion: 1.0.0\n",
    "values.yaml": "name: plain\nport: 1\ndeep: {a: 1}\n",
    "values.schema.json": json.dumps(RICH),
}


@settings(max_examples=400, deadline=None)
@given(certain=RICH_VALUES, unknown=RICH_VALUES)
def test_what_is_found_with_values_unknown_is_wrong_whatever_they_are(
    certain: dict[str, Any], unknown: dict[str, Any]
) -> None:
    judged = judge_values(chart(PLAIN), GivenValues(values=certain, certain=certain))
    if judged.violations:
        assert ways(merged(unknown, certain), PLAIN), judged.violations


@settings(max_examples=400, deadline=None)
@given(
    known=RICH_VALUES, place=st.sampled_from(["name", "port", "deep.a", "one"]), set_to=st.sampled_from("1x")
)
def test_what_is_found_with_one_value_unknown_is_wrong_whatever_it_is(
    known: dict[str, Any], place: str, set_to: str
) -> None:
    judged = judge_values(chart(PLAIN), GivenValues(values=known, opened=[way_of(place)]))
    values = copy.deepcopy(known)
    try:
        set_at(values, place, set_to)
    except RenderError:
        return
    if judged.violations:
        assert ways(values, PLAIN), judged.violations


def test_with_everything_known_nothing_is_left_out() -> None:
    values = {"name": 1, "deep": {"c": 1}, "list": [{}], "one": {}, "none": "x"}
    assert set(ways(values, PLAIN)) == {
        "values.deep.c",
        "values.list[0].a",
        "values.name",
        "values.none",
        "values.one",
    }


@pytest.mark.needs_helm
@needs_helm
def test_what_helm_alone_refuses_is_told_in_its_words() -> None:
    """Helm asserts more formats than are judged here."""
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {"id": {"type": "string", "format": "uuid"}},
    }
    (problem,) = declared(release(with_schema(schema), values={"id": "x"})).problems
    assert problem.cause is ProblemCause.VALUES
    assert (problem.path, problem.line) == ("apps/web.yaml", 0)
    assert "/id" in problem.message
