"""The independent reading against the table of measured scalars, and the product against the independent reading."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bench.lifetimes import hold
from independent.compare import Report, compare
from independent.fields import leaves
from independent.history import FieldChange, Instance, Repository, paired
from independent.reading import documents
from independent.roles import environment, roles_of
from independent.secret_values import Digests, canonical

from auditor.pipeline.scan import ScanRequest, scan
from auditor.sample import build_sample_repository
from auditor.settings import Settings

TABLE = Path(__file__).parents[1] / "manifests" / "data" / "yaml-scalars.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case["yaml"] or "(nothing)" for case in CASES])
def test_scalars_are_read_as_kubectl_reads_them(case: dict[str, str]) -> None:
    read = documents(f"v: {case['yaml']}\n".encode())
    wanted = [canonical(case["json"])] if case["json"] else []
    assert [canonical(json.dumps(value)) for value in read] == wanted


def test_a_broken_document_does_not_hide_its_neighbours() -> None:
    assert documents(b"a: 1\n---\nb: [\n---\nc: 3\n---\n{{ d }}: 4\n") == [{"a": 1}, {"c": 3}]


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n---", "\n--- # more\n", "\n...\n"])
@pytest.mark.parametrize("style", ["|", "|-", "|+", ">", ""])
def test_ends_of_files_are_read_as_kubectl_reads_them(style: str, end: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  x: {style}\n    text{end}"
    )
    kubectl = Path(sys.executable).with_name("kubectl")
    command = [str(kubectl), "annotate", "--local", "-f", str(file), "-o", "json", "a=b"]
    told = subprocess.run(command, capture_output=True, check=True, env={"HOME": str(tmp_path)}).stdout
    [read] = [value for value in documents(file.read_bytes()) if value]
    assert read["data"] == json.loads(told)["data"]


def test_merge_keys_and_aliases() -> None:
    text = b"x: &x {a: 1, b: 2}\nw: {b: 3, <<: *x}\nz: {<<: [{a: 5}, *x], c: &n 010}\n*n : d\n"
    assert documents(text) == [
        {"x": {"a": 1, "b": 2}, "w": {"a": 1, "b": 2}, "z": {"a": 5, "b": 2, "c": 8}, "8": "d"}
    ]


def test_leaves_by_name_by_index_and_whole() -> None:
    value = {
        "a": [{"name": "x", "v": 1}, {"name": "1"}],
        "b": [{"name": "x"}, {"name": "x"}],
        "c.d": ["1", 2],
        "e": {},
    }
    assert dict(leaves(value)) == {
        "a[name=x].name": "x",
        "a[name=x].v": 1,
        'a[name="1"].name': "1",
        "b[0].name": "x",
        "b[1].name": "x",
        '["c.d"]': ["1", 2],
        "e": {},
    }


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        ("a0=x", "a0=x", []),
        ("a0=x", "a0=y", ["a modified a"]),
        ("a0=x", "b0=x", ["a moved b"]),
        ("a0=x", "b0=y", ["a modified b"]),
        ("a0=x", "", ["a deleted -"]),
        ("", "a0=x a1=x", ["- added a", "- added a"]),
        ("a0=x a1=y", "a0=y a1=x", []),
        ("a0=x b0=y", "b0=z c0=x", ["b modified b", "a moved c"]),
        ("a0=x b0=x", "b0=x", ["a deleted -"]),
    ],
)
def test_pairs(before: str, after: str, pairs: list[str]) -> None:
    found = paired(instances(before), instances(after))
    assert [
        f"{old.path if old else '-'} {change} {new.path if new else '-'}" for old, new, change in found
    ] == pairs


def instances(text: str) -> list[Instance]:
    return [Instance(entry[0], int(entry[1]), entry[3], {}) for entry in text.split()]


def test_what_counts() -> None:
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["web.yaml", "both.yaml"],
        "patches": [{"path": "patch.yaml"}, {"path": "./both.yaml"}],
        "configMapGenerator": [{"files": ["k=data.json", "../up.yaml"]}],
    }
    names = ["web", "both", "patch", "other", "kustomization"]
    paths = [f"a/{name}.yaml" for name in names] + ["a/data.json", "up.yaml", "a/text.txt"]
    paths += [
        "c/Chart.yaml",
        "c/templates/x/y.yaml",
        "c/values-dev.yaml",
        "c/crds/crd.yaml",
        "c/ci/t.yaml",
        "c/ci/d/t.yaml",
    ]
    roles = roles_of(paths, {"a/kustomization.yaml": [kustomization]})
    assert {path for path in paths if roles.counts(path)} == {
        "a/web.yaml",
        "a/both.yaml",
        "a/other.yaml",
        "a/kustomization.yaml",
        "c/crds/crd.yaml",
        "c/ci/d/t.yaml",
    }


def test_environments() -> None:
    told = {
        "clusters/eu/prod/a.yaml": "eu",
        "apps/base/a.yaml": "base",
        "apps/Staging/a.yaml": "Staging",
        "overlays/env/x/a.yaml": "x",
        "overlays/a.yaml": "default",
        "prod.yaml": "default",
    }
    assert {path: environment(path) for path in told} == told


def test_digests_have_to_agree() -> None:
    one, two = (f'"auditor-redacted:secret:{letter * 16}"' for letter in "ab")
    digests = Digests()
    assert digests.fits(one, '"YQ=="', encoded=True)
    assert digests.fits(one, '"a"', encoded=False)
    assert digests.disagreements() == []
    assert not digests.fits('"plain"', '"other"', encoded=False)
    assert digests.fits(two, '"a"', encoded=False)
    assert len(digests.disagreements()) == 1
    assert digests.fits(one, '"c"', encoded=False)
    assert len(digests.disagreements()) == 2


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sample repository and its audit."""
    folder = tmp_path_factory.mktemp("sample")
    built = build_sample_repository(folder / "northwind")
    request = ScanRequest(
        location=str(built.path),
        database=folder / "audit.duckdb",
        settings=Settings(engine="embedded"),
        jobs=1,
        render=False,
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert scan(request).incomplete == ()
    return built.path, folder / "audit.duckdb"


def test_the_sample_is_recorded_as_it_is_read_here(sample: tuple[Path, Path]) -> None:
    repository = Repository(sample[0])
    try:
        report = compare(repository, sample[1])
    finally:
        repository.close()
    assert shown(report.differences) == []
    assert report.digests.disagreements() == []
    # Nothing is equal because nothing was there.
    assert min(report.compared[view] for view in ("commits", "file_changes", "resource_changes")) > 100
    assert report.compared["field_changes"] > 1000
    assert report.digests.met > 0


def test_findings_of_the_sample_begin_and_end_where_the_audit_says(sample: tuple[Path, Path]) -> None:
    held = hold(*sample, count=25)
    assert held.tally.disagreements == []
    # The story breaks this file once: nobody can say what it would show then.
    broken = [finding.opened_path for finding, _ in held.tally.unevaluated]
    assert set(broken) <= {"apps/base/postgres/statefulset.yaml"}
    assert len(held.picked) == 25
    assert held.tally.agreed == held.tally.asked - len(broken) > 50


def test_differences_are_seen() -> None:
    report = Report()
    report.rows("commits", [1, 2, 2], [2, 3])
    assert sorted(row for *_, row in report.differences) == [1, 2, 3]
    row = FieldChange("c0ffee", True, "a.yaml", "default", "v1", "ConfigMap", "", "a", "data.x", '"1"', None)
    for changed in (
        row._replace(old_value='"2"'),
        row._replace(old_value="1"),
        row._replace(new_value="null"),
        row._replace(pointer="data.y"),
        row._replace(landed=False),
    ):
        report = Report()
        report.fields([changed], [row])
        assert len(report.differences) == 2
    report = Report()
    report.fields([row, row], [row])
    assert len(report.differences) == 1


def shown(differences: list[tuple[str, str, Any]]) -> list[str]:
    return [f"{view}: {who} {row}" for view, who, row in differences[:50]]
