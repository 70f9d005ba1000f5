"""Makes `kubernetes.json` out of Kubernetes' own sources. Not used at run time.

    python -m auditor.crosscheck.schema.generate KUBERNETES API APIMACHINERY APIEXTENSIONS OUT

Each argument but the last is the unpacked Go module (`go mod download -json k8s.io/…` prints where):
`k8s.io/kubernetes` for `api/openapi-spec/swagger.json` (types, list keys, atomic markers), the other
three for their `types.go`: OpenAPI does not say which fields Go drops when they hold false or 0
(`omitempty` on a plain bool or integer), and `hostNetwork: false` would be drift everywhere.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

_STRUCT = re.compile(r"^type (\w+) struct \{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_DROPPED = re.compile(r"^\s+\w+\s+(?:bool|int|int32|int64)\s+`json:\"(\w+),omitempty\"?", re.MULTILINE)
_REF = "#/definitions/"
_PREFIXES = ("io.k8s.api.", "io.k8s.apimachinery.pkg.apis.", "io.k8s.apiextensions-apiserver.pkg.apis.")


def dropped_zeros(folder: Path, package: str) -> dict[str, set[str]]:
    """Type name to the fields that Go leaves out of JSON when false or 0, for one `types.go`."""
    text = (folder / "types.go").read_text()
    return {f"{package}.{name}": set(_DROPPED.findall(body)) for name, body in _STRUCT.findall(text)}


def _short(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def _named(definition: str) -> Any:
    if definition.endswith("api.resource.Quantity"):
        return "q"
    if definition.endswith("meta.v1.Duration"):
        return "d"
    if definition.endswith("util.intstr.IntOrString"):
        return "p"
    if definition.endswith(("meta.v1.Time", "meta.v1.MicroTime")):
        return "t"
    if definition.endswith(("RawExtension", "FieldsV1", ".JSON", ".JSONSchemaPropsOrBool")):
        return "*"
    return "@" + _short(definition)


def _kind(node: dict[str, Any], zero_dropped: bool) -> Any:
    if "$ref" in node:
        return _reference(node)
    kind = node.get("type")
    if kind == "array":
        element = _kind(node["items"], zero_dropped=False)
        keys = node.get("x-kubernetes-list-map-keys")
        if not keys and "x-kubernetes-list-type" not in node and "x-kubernetes-patch-merge-key" in node:
            keys = [node["x-kubernetes-patch-merge-key"]]
        if keys:
            return ["L", element, keys]
        is_set = node.get("x-kubernetes-list-type") == "set" or (
            "x-kubernetes-list-type" not in node and node.get("x-kubernetes-patch-strategy") == "merge"
        )
        return ["S" if is_set else "A", element]
    if kind == "object":
        element = _kind(node.get("additionalProperties", {}), zero_dropped=False)
        return ["N" if node.get("x-kubernetes-map-type") == "atomic" else "M", element]
    if node.get("format") == "int-or-string":
        return "p"
    letter = {"string": "s", "boolean": "b", "integer": "i", "number": "n"}.get(str(kind), "*")
    return letter + "z" if zero_dropped and letter in "bi" else letter


def _reference(node: dict[str, Any]) -> Any:
    return _named(str(node["$ref"]).removeprefix(_REF))


def build(swagger: dict[str, Any], dropped: dict[str, set[str]]) -> dict[str, Any]:
    """The table: `kinds` ("group/version/Kind" to type) and `types` (field to type, `!` = atomic)."""
    types: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    for name, definition in swagger["definitions"].items():
        if "properties" not in definition:
            continue
        short = _short(name)
        zeros = dropped.get(short, set())
        fields = {
            field: _kind(_unwrapped(node), field in zeros)
            for field, node in sorted(definition["properties"].items())
        }
        if definition.get("x-kubernetes-map-type") == "atomic":
            fields["!"] = True
        types[short] = fields
        for gvk in definition.get("x-kubernetes-group-version-kind", ()):
            if "metadata" in fields and not gvk["kind"].endswith("List"):
                kinds[f"{gvk['group']}/{gvk['version']}/{gvk['kind']}"] = short
    return {"kinds": dict(sorted(kinds.items())), "types": dict(sorted(types.items()))}


def _unwrapped(node: dict[str, Any]) -> dict[str, Any]:
    parts = node.get("allOf")
    return {**node, **parts[0]} if parts else node


def main(arguments: list[str]) -> None:
    """Write the table; the arguments are those in the module's docstring."""
    kubernetes, api, apimachinery, apiextensions, out = map(Path, arguments)
    dropped: dict[str, set[str]] = {}
    for types_file in sorted(api.glob("*/v*/types.go")):
        folder = types_file.parent
        dropped |= dropped_zeros(folder, f"{folder.parent.name}.{folder.name}")
    dropped |= dropped_zeros(apimachinery / "pkg/apis/meta/v1", "meta.v1")
    dropped |= dropped_zeros(apiextensions / "pkg/apis/apiextensions/v1", "apiextensions.v1")
    swagger = json.loads((kubernetes / "api/openapi-spec/swagger.json").read_text())
    table = {
        "source": f"{kubernetes.name}: api/openapi-spec/swagger.json; {api.name}, {apimachinery.name}, "
        f"{apiextensions.name}: types.go (Apache-2.0)",
        **build(swagger, dropped),
    }
    out.write_text(json.dumps(table, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
