"""Charts that are made to do harm: one clear problem each, and everything else is still rendered."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import tarfile
import time
import tracemalloc
from pathlib import Path

import pytest
from manifests.helm_trees import (
    CHART,
    REDACTOR,
    Tree,
    below,
    helm_program,
    helm_release,
    helm_repository,
    in_git,
    in_repository,
    packaged,
)

from auditor.errors import RenderError
from auditor.manifests.deployments.declared import DeclaredSet, ProblemCause, declared_set
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.rendering import archives
from auditor.manifests.rendering import helm as helm_module
from auditor.manifests.rendering.archives import read_archive
from auditor.manifests.rendering.chart_cache import ChartCache, ChartRef

HELM = helm_program()
needs_helm = pytest.mark.skipif(HELM is None, reason="helm is not there")
CHART_YAML = "apiVersion: v2\nname: bad\nversion: 0.1.0\n"


@pytest.fixture(autouse=True)
def _helm_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    if HELM is not None:
        monkeypatch.setenv("PATH", str(HELM.parent), prepend=":")


def beside_a_good_one(bad: dict[str, str | bytes], **spec: object) -> DeclaredSet:
    """What is declared where one release is made to do harm and another is not."""
    files = {
        **below("charts/bad", {"Chart.yaml": CHART_YAML, **bad}),
        **below("charts/app", CHART),
        "apps/bad.yaml": helm_release("bad", chart=in_git("charts/bad"), **spec),
        "apps/web.yaml": helm_release(chart=in_git()),
    }
    started = time.monotonic()
    found = declared_set(Tree(files), environment=None, redactor=REDACTOR)
    assert time.monotonic() - started < 60
    assert any(entry.document.name == "web-web" for entry in found.resources)
    return found


@pytest.mark.needs_helm
@needs_helm
@pytest.mark.parametrize(
    "template",
    [
        '{{ define "loop" }}{{ include "loop" . }}{{ end }}{{ include "loop" . }}',
        "{{ range until 100000 }}{{ range until 100000 }}x{{ end }}{{ end }}",
        '{{ repeat 2000000000 "x" }}',
        '{{ $d := dict }}{{ range until 1000000 }}{{ $_ := set $d (toString .) (repeat 100000 "y") }}{{ end }}',
        "{{ range until 10000000 }}- a long line of output that goes on and on and on\n{{ end }}",
        '{{ fail "never" }}',
        '{{ .Files.Get "../../../../etc/passwd" | required "nothing outside is read" }}',
        '{{ env "HOME" }}',
        "a: b: c:",
    ],
    ids=["recursion", "loop", "repeat", "memory", "output", "fail", "outside", "environment", "no-yaml"],
)
def test_a_template_that_does_harm_ends_as_one_problem(
    template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helm_module, "TIMEOUT_S", 6.0)
    monkeypatch.setattr(helm_module, "MAX_MEMORY_BYTES", 512 * 1024**2)
    (problem,) = beside_a_good_one({"templates/x.yaml": template}).problems
    assert problem.cause is ProblemCause.TEMPLATE
    assert problem.message.startswith("HelmRelease apps/bad: charts/bad: ")
    assert "/tmp" not in problem.message


@pytest.mark.needs_helm
@needs_helm
def test_nothing_is_looked_up() -> None:
    """Neither names in DNS, nor objects in a cluster, nor the caller's environment."""
    template = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: asked}\ndata:\n"
        '  dns: {{ getHostByName "localhost" | quote }}\n'
        '  cluster: {{ lookup "v1" "Secret" "default" "x" | toJson | quote }}\n'
    )
    found = beside_a_good_one({"templates/x.yaml": template})
    (asked,) = [entry for entry in found.resources if entry.document.name == "asked"]
    assert asked.document.manifest["data"] == {"dns": "", "cluster": "{}"}


@pytest.mark.needs_helm
@needs_helm
def test_values_that_grow_without_end_are_refused() -> None:
    laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    for one, other in zip("abcdefghi", "bcdefghij", strict=True):
        laughs += f"{other}: &{other} [{','.join([f'*{one}'] * 10)}]\n"
    found = beside_a_good_one({"values.yaml": laughs, "templates/x.yaml": "{{ .Values.j | toYaml }}"})
    assert [entry.cause for entry in found.problems] == [ProblemCause.TEMPLATE]


@pytest.mark.needs_helm
@needs_helm
@pytest.mark.parametrize("name", ["--post-renderer=x", "-h", "UPPER", "a/b", "x" * 54])
def test_a_release_has_a_proper_name(name: str) -> None:
    found = beside_a_good_one({"templates/x.yaml": ""}, releaseName=name)
    if len(name) == 54:  # the controller shortens it
        assert found.problems == ()
        return
    (problem,) = found.problems
    assert "is no name of a release" in problem.message


@pytest.mark.needs_helm
@needs_helm
def test_dependencies_stay_in_the_tree_and_end() -> None:
    depends = "dependencies:\n  - {{name: bad, version: 0.1.0, repository: 'file://{}'}}\n"
    (outside,) = beside_a_good_one({"Chart.yaml": CHART_YAML + depends.format("../../../x")}).problems
    assert "outside the tree" in outside.message
    (cycle,) = beside_a_good_one({"Chart.yaml": CHART_YAML + depends.format("../bad")}).problems
    assert "without end" in cycle.message


@pytest.mark.needs_helm
@needs_helm
def test_what_is_not_what_was_fetched_is_not_rendered(tmp_path: Path) -> None:
    kept = ChartCache(tmp_path).keep(ChartRef("https://charts.acme.test", "app", "1.2.3"), packaged(CHART))
    kept.path.write_bytes(packaged({**CHART, "templates/more.yaml": "x: y\n"}))
    files = {"a/repository.yaml": helm_repository(), "a/web.yaml": helm_release(chart=in_repository())}
    options = DeploymentOptions(charts=tmp_path)
    found = declared_set(Tree(files), environment=None, redactor=REDACTOR, options=options)
    (problem,) = found.problems
    assert "its digest differs" in problem.message
    assert not [entry for entry in found.resources if entry.rendered_from]


def archive(*members: tuple[str, bytes, bytes]) -> bytes:
    """An archive of (name, type, content) as anybody may write it."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as opened:
        for name, kind, content in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            if kind == tarfile.SYMTYPE:
                member.linkname = content.decode()
                opened.addfile(member)
            else:
                member.size = len(content)
                opened.addfile(member, io.BytesIO(content))
    return whole.getvalue()


GOOD = ("app/Chart.yaml", tarfile.REGTYPE, CHART_YAML.encode())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be unpacked"),
        (b"no archive", "cannot be unpacked"),
        (archive(GOOD)[:40], "cannot be unpacked"),
        (archive(("app/x.yaml", tarfile.REGTYPE, b"")), "holds no Chart.yaml"),
        (archive(GOOD, ("../evil", tarfile.REGTYPE, b"x")), "leads out of it"),
        (archive(GOOD, ("app/../../evil", tarfile.REGTYPE, b"x")), "leads out of it"),
        (archive(GOOD, ("/etc/evil", tarfile.REGTYPE, b"x")), "leads out of it"),
        (archive(GOOD, ("app\\..\\..\\evil", tarfile.REGTYPE, b"x")), "leads out of it"),
        (archive(GOOD, ("C:/evil", tarfile.REGTYPE, b"x")), "leads out of it"),
        (archive(GOOD, ("app/big", tarfile.REGTYPE, b"\0" * (6 * 1024**2))), "a file of more than"),
        (
            archive(GOOD, *(("app/big", tarfile.REGTYPE, b"\0" * (5 * 1024**2)),) * 21),
            "bytes unpacked",
        ),
        (archive(GOOD, *(("app/f", tarfile.REGTYPE, b""),) * 10_001), "files"),
        (archive(GOOD, (f"app/{'n' * 300}", tarfile.REGTYPE, b"")), "cannot be written"),
    ],
    ids=[
        "empty",
        "no-archive",
        "cut-short",
        "no-chart",
        "leads-out",
        "leads-out-of-its-folder",
        "absolute",
        "backslashes",
        "drive",
        "large-file",
        "large-whole",
        "many-files",
        "long-name",
    ],
)
def test_archives_that_are_refused(content: bytes, reason: str) -> None:
    with pytest.raises(RenderError, match=r"chart x .*") as raised:
        read_archive(content, "chart x")
    assert reason in raised.value.message


def test_an_archive_is_not_unpacked_to_measure_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(b"\0" * (64 * 1024**2))
    monkeypatch.setattr(archives, "MAX_CHART_BYTES", 1024)
    with pytest.raises(RenderError):
        read_archive(bomb, "chart x")


def test_a_header_of_a_made_up_size_is_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_CHART_BYTES", 1024)
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 256 * 1024**2
    bomb = gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + b"\0" * header.size)
    tracemalloc.start()
    with pytest.raises(RenderError) as raised:
        read_archive(bomb, "chart x")
    assert "1024 bytes unpacked" in raised.value.message
    assert tracemalloc.get_traced_memory()[1] < 128 * 1024**2
    tracemalloc.stop()


@pytest.mark.needs_helm
@needs_helm
def test_a_package_that_helm_made_is_read(tmp_path: Path) -> None:
    for path, content in CHART.items():
        target = tmp_path / "app" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    subprocess.run([str(HELM), "package", "app"], cwd=tmp_path, check=True, capture_output=True)
    (package,) = tmp_path.glob("*.tgz")
    assert "Chart.yaml" in read_archive(package.read_bytes(), "chart x")


def test_links_in_an_archive_are_left_out() -> None:
    content = archive(GOOD, ("app/templates/x.yaml", tarfile.SYMTYPE, b"/etc/passwd"))
    assert set(read_archive(content, "chart x")) == {"Chart.yaml"}


@pytest.mark.needs_helm
@needs_helm
def test_packages_inside_a_chart_are_held_to_the_same(tmp_path: Path) -> None:
    evil = archive(GOOD, ("app/../../evil", tarfile.REGTYPE, b"x"))
    parent = CHART_YAML + "dependencies:\n  - {name: app, version: 1.0.0, repository: 'https://x.test'}\n"
    (problem,) = beside_a_good_one({"Chart.yaml": parent, "charts/app-1.0.0.tgz": evil}).problems
    assert "leads out of it" in problem.message


def test_without_helm_a_release_is_named_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm_module.HelmRenderer, "is_there", lambda _: False)
    files = {
        **below("charts/app", CHART),
        "apps/web.yaml": helm_release(chart=in_git()),
        "apps/map.yaml": json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}}),
    }
    found = declared_set(Tree(files), environment=None, redactor=REDACTOR)
    (problem,) = found.problems
    assert (problem.cause, problem.message) == (
        ProblemCause.UNSUPPORTED,
        "HelmRelease apps/web: not rendered: needs helm",
    )
    assert any(entry.document.name == "m" for entry in found.resources)
