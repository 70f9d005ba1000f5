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


ATTICS = ("archive", "archives", "archived", "attic", "deprecated", "disabled", "old")


def attic(path: str, of: str) -> str:
    """The first folder on the way that is named for what is no longer used, unless the environment is named so."""
    *folders, _ = path.removeprefix('"').split("/")
    for number, folder in enumerate(folders, 1):
        if folder.lower().lstrip("._") in ATTICS:
            return "" if folder == of else "/".join(folders[:number])
    return ""


def out_of_use(tree: Mapping[str, list[dict[str, Any]]], environments: Mapping[str, str]) -> set[str]:
    """The files in attics that nothing in use takes in; `tree` holds every file's objects.

    In use is what lies in no attic, what that takes in, what this takes in in turn, and an attic's object that deploys
    the folder that it lies in. A kustomization takes in all below the folders that it lists. An object that deploys a
    folder takes in all below it where the folder lies in the attic; from above, where no kustomization comes before.
    The root of another repository is not this one's, where objects show what this repository is called.
    """
    stored = {path: attic(path, environments[path]) for path in tree}
    kustomized = {
        posixpath.dirname(path)
        for path, objects in tree.items()
        for value in objects
        if str(value.get("apiVersion")).startswith("kustomize.config.k8s.io/")
    }
    used = {path for path in tree if not stored[path]}
    ours = own_sources(tree)
    while True:
        more = set()
        for path, objects in tree.items():
            for value in objects:
                for folder, how in taken_in(path, value):
                    own = how != "listed" and folder != "" and below(path, folder)
                    if folder == "" and ours and source_name(value) not in ours:
                        continue
                    if path not in used and not own:
                        continue
                    for other in tree:
                        if not stored[other] or not (below(other, folder) or other == folder):
                            continue
                        inside = below(f"{folder}/x", attic_in_general(folder))
                        between = steps_between(folder, stored[other])
                        if inside or how == "all" or (how == "walked" and not kustomized & between):
                            more.add(other)
        if more <= used:
            return set(tree) - used
        used |= more


def source_name(value: dict[str, Any]) -> str:
    """What an object takes its files from; one name for all that are no Flux Kustomizations."""
    if not str(value.get("apiVersion")).startswith("kustomize.toolkit.fluxcd.io/"):
        return "here"
    reference = value["spec"].get("sourceRef", {})
    return f"{reference.get('kind', '')}/{reference.get('name', '')}"


def own_sources(tree: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    """What the repository is called by its own objects: the source of one that deploys the folder that it lies in,
    Flux' own, and others of the same address. Nothing where no object shows it."""
    objects = [(path, value) for path, values in tree.items() for value in values]
    ours = set()
    for path, value in objects:
        name = source_name(value)
        for folder, _ in taken_in(path, value) if name != "here" else ():
            if name.endswith("/flux-system") or (folder and below(path, folder)):
                ours.add(name)
    sources = [
        (f"{value['kind']}/{value['metadata']['name']}", value["spec"]["url"])
        for _, value in objects
        if str(value.get("apiVersion")).startswith("source.toolkit.fluxcd.io/")
    ]
    addresses = {url for name, url in sources if name in ours}
    ours |= {name for name, url in sources if ours and url in addresses}
    return ours | {"here"} if ours else set()


def attic_in_general(folder: str) -> str:
    """The attic that a folder is, or is in; a name that holds nothing where there is none."""
    return attic(f"{folder}/x", "") or "\0"


def steps_between(above: str, stored: str) -> set[str]:
    """The folders from one above an attic to the one that holds the attic."""
    found, folder = set(), posixpath.dirname(stored)
    while below(f"{folder}/x", above):
        found.add(folder)
        if not folder:
            break
        folder = posixpath.dirname(folder)
    return found


def below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def taken_in(path: str, value: dict[str, Any]) -> list[tuple[str, str]]:
    """(file or folder, how) of what an object takes in: 'listed', 'walked' with all folders below, 'all' whatever comes
    before."""
    group, kind = str(value.get("apiVersion", "")).rpartition("/")[0], value.get("kind")
    spec = value.get("spec") if isinstance(value.get("spec"), dict) else {}
    assert isinstance(spec, dict)
    if group == "kustomize.config.k8s.io":
        names = [name for field in ("resources", "components", "bases") for name in texts(value.get(field))]
        return [
            (from_root(posixpath.join(posixpath.dirname(path), name)), "listed")
            for name in names
            if "://" not in name
        ]
    if group == "kustomize.toolkit.fluxcd.io" and kind == "Kustomization":
        name = spec.get("path") or ""
        if "${" in name:
            return [(from_root(posixpath.dirname(name.partition("${")[0])), "all")]
        return [(from_root(name), "walked")]
    if kind == "Application":
        source = spec.get("source") or {}
        walked = (source.get("directory") or {}).get("recurse") is True
        return [(from_root(source["path"]), "walked" if walked else "listed")] if "path" in source else []
    return []


def from_root(name: str) -> str:
    found = posixpath.normpath(name.lstrip("/") or ".")
    return "" if found == "." else found
