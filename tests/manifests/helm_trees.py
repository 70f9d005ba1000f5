"""Charts and objects of Flux for tests, made by hand."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from auditor.manifests.secrets import Redactor

REDACTOR = Redactor(b"k" * 32)
TOOLS = Path(__file__).parents[2] / ".tools" / "bin"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  labels:
    app: {{ .Chart.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
"""

CHART: Mapping[str, str] = {
    "Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.2.3\nappVersion: '9.9'\n",
    "values.yaml": "replicas: 1\nimage:\n  repository: ghcr.io/acme/app\nextra: {}\n",
    "templates/deployment.yaml": DEPLOYMENT,
    "templates/config.yaml": "{{- if .Values.extra }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n"
    "  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\n"
    "data: {{ .Values.extra | toJson }}\n{{- end }}\n",
    "crds/widget.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    "metadata:\n  name: widgets.acme.test\nspec:\n  group: acme.test\n  scope: Namespaced\n",
}


class Tree:
    """A tree in memory."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.files = {
            path: content.encode() if isinstance(content, str) else content for path, content in files.items()
        }

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


def below(folder: str, files: Mapping[str, str | bytes]) -> dict[str, str | bytes]:
    return {f"{folder}/{path}": content for path, content in files.items()}


def packaged(files: Mapping[str, str | bytes], folder: str = "app") -> bytes:
    """A chart as `helm package` makes it, the same bytes for the same files."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(f"{folder}/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return _gzipped(whole.getvalue())


def _gzipped(content: bytes) -> bytes:
    """As `helm package` does: with an extra field and a comment in the header (RFC 1952; Helm's pkg/chart/v2/util/save.go)."""
    plain = gzip.compress(content, mtime=0)
    extra, comment = b"+aHR0cHM6Ly9oZWxtLnNo", b"Helm\0"
    return plain[:3] + b"\x14" + plain[4:10] + len(extra).to_bytes(2, "little") + extra + comment + plain[10:]


def helm_release(name: str = "web", namespace: str = "apps", **spec: Any) -> str:
    return json.dumps(
        {
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"interval": "1h", **spec},
        }
    )


def in_git(path: str = "charts/app", **fields: Any) -> dict[str, Any]:
    return {"spec": {"chart": path, "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, **fields}}


def in_repository(chart: str = "app", version: str = "", **fields: Any) -> dict[str, Any]:
    reference = {"kind": "HelmRepository", "name": "acme"}
    return {"spec": {"chart": chart, "version": version, "sourceRef": reference, **fields}}


def helm_repository(url: str = "https://charts.acme.test", **spec: Any) -> str:
    return source("HelmRepository", "acme", url=url, **spec)


def source(kind: str, name: str, namespace: str = "apps", **spec: Any) -> str:
    return json.dumps(
        {
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": kind,
            "metadata": {"name": name, "namespace": namespace},
            "spec": spec,
        }
    )


def config_map(name: str, namespace: str = "apps", **data: str) -> str:
    metadata = {"name": name, "namespace": namespace}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})


def helm_program() -> Path | None:
    """The real Helm: of `.tools/bin`, or on PATH."""
    for folder in (TOOLS, *map(Path, os.environ.get("PATH", "").split(os.pathsep))):
        if (folder / "helm").is_file():
            return folder / "helm"
    return None
