"""The generators of an ApplicationSet: what parameters each gives.

After argo-cd 3.4, applicationset/generators. What asks something else than git, or the clusters that are configured,
is not done and said so.
"""

from __future__ import annotations

import copy
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from auditor.manifests.deployments.addresses import without_credentials
from auditor.manifests.deployments.argo_destination import IN_CLUSTER, IN_CLUSTER_SERVER
from auditor.manifests.deployments.argo_git_paths import directories, files
from auditor.manifests.deployments.argo_selector import flat, is_selected
from auditor.manifests.deployments.argo_template import Language
from auditor.manifests.deployments.interface import ProblemCause
from auditor.manifests.deployments.values import mapping, mappings, text
from auditor.manifests.gotemplate.errors import TemplateError
from auditor.manifests.gotemplate.formatting import weighed
from auditor.manifests.gotemplate.sprig_texts import sanitized_name
from auditor.manifests.gotemplate.values import as_go, filled, overridden
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

MAX_PARAMETERS = 5_000
MAX_DEPTH = 3
_VALUES = frozenset({"values"})
_ELSEWHERE = {
    "scmProvider": "asks a forge for its repositories",
    "pullRequest": "asks a forge for its pull requests",
    "plugin": "asks a plugin",
    "clusterDecisionResource": "asks an object of the cluster",
}


class GeneratorError(Exception):
    """A generator gives nothing; `cause` says whose fault that is."""

    def __init__(self, message: str, cause: ProblemCause = ProblemCause.BUILD) -> None:
        super().__init__(message)
        self.cause = cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Generated:
    """The parameters of one generator's Applications, and the template for them (JSON values)."""

    parameters: tuple[dict[str, Any], ...]
    template: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Generators:
    """Runs generators. `is_local` tells whether an address is this repository's; `says` takes what is to be known of
    what is generated though nothing is wrong with the ApplicationSet."""

    language: Language
    scene: Scene
    is_local: Callable[[str], bool]
    says: Callable[[ProblemCause, str], None]

    def run(
        self,
        generator: Mapping[str, Any],
        template: Mapping[str, Any],
        *,
        within: Mapping[str, Any] | None = None,
        depth: int = 0,
    ) -> Generated:
        """What one entry of `generators` gives; `within` are the parameters of the matrix generator before it.

        Raises GeneratorError and TemplateError.
        """
        if depth > MAX_DEPTH:
            raise GeneratorError("its generators are nested too deep")
        kinds = [kind for kind in generator if kind != "selector" and isinstance(generator[kind], Mapping)]
        if len(kinds) != 1:
            raise GeneratorError("a generator has to be of exactly one kind")
        kind = kinds[0]
        if kind in _ELSEWHERE:
            raise GeneratorError(f"{_ELSEWHERE[kind]}, which auditor does not", ProblemCause.UNSUPPORTED)
        written = mapping(generator[kind])
        run = {
            "list": self._list,
            "clusters": self._clusters,
            "git": self._git,
            "matrix": self._matrix,
            "merge": self._merge,
        }.get(kind)
        if run is None:
            raise GeneratorError(f"auditor does not know the generator {kind}", ProblemCause.UNSUPPORTED)
        options = written
        if within:
            options = self.language.filled_in(written, within, keeps=_VALUES)
        found = run(options, depth)
        if len(found) > MAX_PARAMETERS:
            raise GeneratorError(f"it generates more than {MAX_PARAMETERS} Applications")
        selector = generator.get("selector")
        if isinstance(selector, Mapping):
            found = [entry for entry in found if is_selected(selector, flat(entry))]
        own = mapping(written.get("template"))
        return Generated(parameters=tuple(found), template=filled(own, template) if own else template)

    def _list(self, options: Mapping[str, Any], depth: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for element in mappings(options.get("elements")):
            if self.language.is_go:
                found.append(as_go(element))
                continue
            found.append(_flat_element(element))
        more = text(options.get("elementsYaml"))
        if more:
            value = _value_in(more.encode("utf-8", "replace"), "elementsYaml")
            if not isinstance(value, list):
                raise GeneratorError("elementsYaml is no list")
            found += [as_go(entry) for entry in mappings(value)]
        return found

    def _clusters(self, options: Mapping[str, Any], depth: int) -> list[dict[str, Any]]:
        selector = mapping(options.get("selector"))
        selects = bool(selector.get("matchLabels") or selector.get("matchExpressions"))
        known = self.scene.options.clusters
        if not known:
            self.says(ProblemCause.REFERENCE, "chooses among clusters, and none is configured (`clusters`)")
        found = [
            self._cluster(cluster.name, cluster.server, cluster.project, cluster.labels, cluster.annotations)
            for cluster in known
            if is_selected(selector, cluster.labels)
        ]
        servers = {cluster.server.rstrip("/") for cluster in known if is_selected(selector, cluster.labels)}
        if not selects and IN_CLUSTER_SERVER not in servers and IN_CLUSTER not in {c.name for c in known}:
            own = {
                "name": IN_CLUSTER,
                "nameNormalized": IN_CLUSTER,
                "server": IN_CLUSTER_SERVER,
                "project": "",
            }
            found.append(own)
        found = [self._with_values(options, entry) for entry in found]
        return [{"clusters": found}] if options.get("flatList") is True else found

    def _cluster(
        self,
        name: str,
        server: str,
        project: str,
        labels: Mapping[str, str],
        annotations: Mapping[str, str],
    ) -> dict[str, Any]:
        found: dict[str, Any] = {
            "name": name,
            "nameNormalized": sanitized_name(name),
            "server": server or (IN_CLUSTER_SERVER if name == IN_CLUSTER else ""),
            "project": project,
        }
        marks = {"annotations": dict(annotations), "labels": dict(labels)}
        if self.language.is_go:
            return {**found, "metadata": {field: values for field, values in marks.items() if values}}
        for field, values in marks.items():
            found |= {f"metadata.{field}.{key}": value for key, value in values.items()}
        return found

    def _git(self, options: Mapping[str, Any], depth: int) -> list[dict[str, Any]]:
        url = text(options.get("repoURL"))
        if not self.is_local(url):
            raise GeneratorError(
                f"takes paths of {without_credentials(url)}, another repository", ProblemCause.ELSEWHERE
            )
        prefix = text(options.get("pathParamPrefix"))
        found: list[dict[str, Any]] = []
        if mappings(options.get("directories")):
            for path in directories(self.scene.tree, mappings(options["directories"])):
                found.append(self._with_values(options, self._path_facts({}, path, "", prefix)))
        elif mappings(options.get("files")):
            for path in files(self.scene.tree, mappings(options["files"])):
                for value in _objects_in(self.scene.tree.read(path), path):
                    facts = as_go(value) if self.language.is_go else flat(as_go(value))
                    folder, _, name = path.rpartition("/")
                    found.append(
                        self._with_values(options, self._path_facts(facts, folder or ".", name, prefix))
                    )
        else:
            raise GeneratorError("a git generator names neither directories nor files")
        return found

    def _path_facts(self, facts: dict[str, Any], folder: str, name: str, prefix: str) -> dict[str, Any]:
        base = posixpath.basename(folder)
        about: dict[str, Any] = {"basename": base, "basenameNormalized": sanitized_name(base)}
        if name:
            about |= {"filename": name, "filenameNormalized": sanitized_name(name)}
        if self.language.is_go:
            path = {"path": folder, **about, "segments": list(folder.split("/"))}
            return {**facts, **({prefix: {"path": path}} if prefix else {"path": path})}
        key = f"{prefix}.path" if prefix else "path"
        parts = {f"{key}[{number}]": part for number, part in enumerate(folder.split("/")) if part}
        return {**facts, key: folder, **{f"{key}.{fact}": value for fact, value in about.items()}, **parts}

    def _with_values(self, options: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        """The parameters with the generator's `values`, which see the parameters but not one another."""
        values = {
            str(key): self.language.filled(str(value), copy.deepcopy(found))
            for key, value in mapping(options.get("values")).items()
        }
        if not values:
            return found
        if self.language.is_go:
            return {**found, "values": values}
        return {**found, **{f"values.{key}": value for key, value in values.items()}}

    def _matrix(self, options: Mapping[str, Any], depth: int) -> list[dict[str, Any]]:
        inner = mappings(options.get("generators"))
        if len(inner) != 2:
            raise GeneratorError("a matrix takes exactly two generators")
        found: list[dict[str, Any]] = []
        for first in self.run(inner[0], {}, depth=depth + 1).parameters:
            second = self.run(inner[1], {}, within=first, depth=depth + 1)
            if len(found) + len(second.parameters) > MAX_PARAMETERS:
                raise GeneratorError(f"it generates more than {MAX_PARAMETERS} Applications")
            found += [self._combined(first, entry) for entry in second.parameters]
        return found

    def _combined(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
        if self.language.is_go:
            return copy.deepcopy(overridden(overridden({}, second), first))
        for key in sorted(first.keys() & second.keys()):
            if first[key] != second[key]:
                raise GeneratorError(f"both generators of a matrix give {key!r}, differently")
        return {**first, **second}

    def _merge(self, options: Mapping[str, Any], depth: int) -> list[dict[str, Any]]:
        inner = mappings(options.get("generators"))
        if len(inner) < 2:
            raise GeneratorError("a merge takes two generators or more")
        keys = [str(key) for key in options.get("mergeKeys") or ()]
        if not keys:
            raise GeneratorError("a merge names no mergeKeys")
        base, *others = [_by_keys(keys, self.run(entry, {}, depth=depth + 1).parameters) for entry in inner]
        for other in others:
            for key in base.keys() & other.keys():
                if self.language.is_go:
                    base[key] = overridden(base[key], other[key])
                else:
                    base[key] = {**base[key], **other[key]}
        return list(base.values())


def _by_keys(keys: Sequence[str], entries: Sequence[dict[str, Any]]) -> dict[bytes, dict[str, Any]]:
    found: dict[bytes, dict[str, Any]] = {}
    for entry in entries:
        key = orjson.dumps({name: entry.get(name) for name in keys}, option=orjson.OPT_SORT_KEYS)
        if key in found:
            raise GeneratorError(f"two sets of parameters have the same mergeKeys: {key.decode()[:200]}")
        found[key] = entry
    return found


def _flat_element(element: Mapping[str, Any]) -> dict[str, Any]:
    """An element of a list where Go's templates are not used: texts only, and texts in `values`."""
    found: dict[str, Any] = {}
    for key, value in element.items():
        entries = (
            {f"values.{name}": inner for name, inner in mapping(value).items()}
            if key == "values"
            else {key: value}
        )
        for name, inner in entries.items():
            if not isinstance(inner, str):
                raise GeneratorError(
                    f"{name} of a list's element is no text, which it has to be without goTemplate"
                )
            found[name] = inner
    return found


def _objects_in(content: bytes, path: str) -> list[Mapping[str, Any]]:
    value = _value_in(content, path)
    if value is None:
        return [{}]
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value):
        return value
    raise GeneratorError(f"{path} holds neither a mapping nor a list of mappings")


def _value_in(content: bytes, what: str) -> Any:
    read = read_blob(content, Limits())
    if read.problems:
        raise GeneratorError(f"{what} cannot be read: {read.problems[0].message}")
    if not read.documents and content.strip():
        lines = (line.strip() for line in content.splitlines())
        if any(line and not line.startswith((b"#", b"---")) for line in lines):
            raise GeneratorError(f"{what} cannot be read as YAML")
    value = read.documents[0].value if read.documents else None
    try:
        return weighed(value)
    except TemplateError as error:
        raise GeneratorError(f"{what}: {error}") from error
