"""Which files of a tree hold manifests, and where they belong: the documented rules in plain words.

A file counts when its name ends in .yaml, .yml or .json (or is `Kustomization`), unless

- a chart above claims it: `Chart.yaml` and its like, `values*.yaml`, all below `templates/`, all directly in `ci/`;
- a kustomization lists it as a piece: a patch, a replacement, a generator's file, Helm values, and so on.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from independent.reading import is_kustomization

CHART_FILES = {
    "Chart.yaml",
    "Chart.lock",
    "requirements.yaml",
    "requirements.lock",
    "values.schema.json",
    "artifacthub-repo.yml",
}
STAGES = {
    "production", "prod", "prd", "live", "canary", "dr", "demo", "sandbox", "perf", "acceptance",
    "staging", "stage", "stg", "preproduction", "preprod", "pre-production", "pre-prod",
    "development", "develop", "dev", "testing", "test", "qa", "uat", "integration", "nonprod", "non-prod",
}  # fmt: skip


def bare(path: str) -> str:
    """A path without the quotes that git puts around a name that is no UTF-8."""
    return path[1:-1] if path.startswith('"') and path.endswith('"') else path


def may_hold_manifests(path: str) -> bool:
    """By the name alone."""
    path = bare(path)
    if path.endswith(".tf.json"):
        return False
    return path.endswith((".yaml", ".yml", ".json")) or posixpath.basename(path) == "Kustomization"


def named_kustomization(path: str) -> bool:
    """The three names that Kustomize looks for."""
    return posixpath.basename(bare(path)) in ("kustomization.yaml", "kustomization.yml", "Kustomization")


@dataclass(frozen=True)
class Roles:
    """What a tree makes of paths, be they in it or not."""

    charts: frozenset[str]
    pieces: frozenset[str]

    def counts(self, path: str) -> bool:
        """True where a file at `path` is read as manifests."""
        return (
            may_hold_manifests(path) and not belongs_to_chart(path, self.charts) and path not in self.pieces
        )


def roles_of(paths: Iterable[str], kustomizations: Mapping[str, list[dict[str, Any]]]) -> Roles:
    """The roles that a tree of `paths` gives.

    `kustomizations` holds the objects of every file that is named as a kustomization.
    """
    charts = {posixpath.dirname(path) for path in paths if posixpath.basename(path) == "Chart.yaml"}
    pieces: set[str] = set()
    for path, found in kustomizations.items():
        for value in found:
            if is_kustomization(value):
                pieces |= set(pieces_of(posixpath.dirname(path), value))
    return Roles(frozenset(charts), frozenset(pieces))


def belongs_to_chart(path: str, charts: frozenset[str]) -> bool:
    """True where a folder above is a chart and the file is its template, its values or its description."""
    parts = path.split("/")
    for depth in range(len(parts)):
        if "/".join(parts[:depth]) not in charts:
            continue
        first, *more = parts[depth:]
        if first == "templates" and more:
            return True
        if not more and (first in CHART_FILES or re.fullmatch(r"values.*\.(ya?ml|json)", first, re.DOTALL)):
            return True
        if first == "ci" and len(more) == 1:
            return True
    return False


def pieces_of(folder: str, value: dict[str, Any]) -> list[str]:
    """The paths in the tree that a kustomization in `folder` uses as pieces and not as resources."""
    written = [entry for entry in named_pieces(value) if isinstance(entry, str)]
    resources = {
        posixpath.normpath(entry)
        for field in ("resources", "components", "bases")
        for entry in texts(value.get(field))
    }
    found = []
    for entry in written:
        if not entry or "\n" in entry or "://" in entry or posixpath.normpath(entry) in resources:
            continue
        path = posixpath.normpath(posixpath.join(folder, entry))
        if not path.startswith(("/", "../")) and path not in ("..", "."):
            found.append(path)
    return found


def named_pieces(value: dict[str, Any]) -> list[Any]:
    """Everything in a kustomization that names a file which is no resource."""
    found: list[Any] = []
    for field in ("patches", "patchesJson6902", "replacements"):
        found += [entry.get("path") for entry in mappings(value.get(field))]
    for field in (
        "patchesStrategicMerge",
        "configurations",
        "transformers",
        "generators",
        "validators",
        "crds",
    ):
        found += texts(value.get(field))
    for field in ("configMapGenerator", "secretGenerator"):
        for generator in mappings(value.get(field)):
            found += [entry.split("=", 1)[-1] for entry in texts(generator.get("files"))]
            found += [*texts(generator.get("envs")), generator.get("env")]
    for field in ("helmCharts", "helmChartInflationGenerator"):
        for chart in mappings(value.get(field)):
            found += [chart.get("valuesFile"), chart.get("values")]
            found += [*texts(chart.get("additionalValuesFiles")), *texts(chart.get("valuesFiles"))]
    if isinstance(value.get("openapi"), dict):
        found.append(value["openapi"].get("path"))
    return found


def mappings(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def environment(path: str) -> str:
    """By the folder names that GitOps repositories use; 'default' where none says anything."""
    folders = path.removeprefix('"').split("/")[:-1]
    for parents in (("clusters",), ("environments", "envs", "env"), ("overlays",)):
        for parent, folder in itertools.pairwise(folders):
            if parent.lower() in parents:
                return folder
    for folder in folders:
        if folder.lower() in STAGES:
            return folder
    return "base" if any(folder.lower() in ("base", "bases") for folder in folders) else "default"
