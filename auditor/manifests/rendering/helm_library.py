"""What runs in a process of its own where there is no `helm`: renders one chart with the helm-python-sdk wheel.

Reads a request (JSON) in the current folder, writes what `helm template` would write, ends with 1 and a reason where
Helm refuses. It is a program, started by path: nothing imports it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main(request_file: str) -> int:
    """Renders; the exit code."""
    import helm_python  # type: ignore[import-not-found,unused-ignore]

    request = json.loads(Path(request_file).read_text(encoding="utf-8"))
    try:
        values = _values(request)
        with helm_python.Chart.load(request["chart"]) as chart:
            if not request["skip_schema"]:
                chart.validate_schema(values)
            name = chart.name
            crds = chart.crds if request["include_crds"] else []
            rendered = chart.render(
                values,
                name=request["name"],
                namespace=request["namespace"],
                is_upgrade=request["is_upgrade"],
                is_install=not request["is_upgrade"],
            )
    except helm_python.HelmError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    for entry in crds:
        # A chart names its own definitions without its name in front, in some versions.
        path = str(entry.get("filename") or entry["name"])
        _write(path if path.startswith(f"{name}/") else f"{name}/{path}", str(entry["data"]))
    for path, text in sorted(rendered.items()):
        if not path.endswith("/NOTES.txt"):
            for part in _kept(text, request):
                _write(path, part)
    return 0


def _values(request: dict[str, Any]) -> dict[str, Any]:
    from auditor.manifests.rendering.chart_values import merged, set_at, set_literal

    values: dict[str, Any] = {}
    for file in request["values"]:
        values = merged(values, json.loads(Path(file).read_text(encoding="utf-8")))
    for option, argument in request["sets"]:
        path, _, text = argument.partition("=")
        if option == "set-literal":
            set_literal(values, path, text)
        elif option == "set-file":
            set_literal(values, path, Path(text).read_text(encoding="utf-8"))
        elif option in ("set", "set-string"):
            set_at(values, path, text, as_text=option == "set-string")
        else:
            raise SystemExit(f"Error: the helm-python-sdk cannot do --{option}: install helm")
    return values


def _kept(text: str, request: dict[str, Any]) -> Iterator[str]:
    """The documents of a template's output, without the hooks that are not asked for."""
    from auditor.manifests.limits import Limits
    from auditor.manifests.reading import read_blob, split

    text = text if text.endswith("\n") else text + "\n"
    for start, end in split(text):
        part = text[start:end]
        read = read_blob(part.encode(), Limits(), untyped=True)
        value = read.documents[0].value if read.documents else None
        metadata = value.get("metadata") if isinstance(value, dict) else None
        annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
        hooks = str(annotations.get("helm.sh/hook", "")) if isinstance(annotations, dict) else ""
        is_test = any(hook.strip() in ("test", "test-success") for hook in hooks.split(","))
        if (hooks and request["no_hooks"]) or (is_test and request["skip_tests"]):
            continue
        if value is not None or read.problems or part.strip():
            yield part


def _write(path: str, text: str) -> None:
    body = text if text.lstrip().startswith("---") else f"---\n{text}"
    first, _, rest = body.lstrip().partition("\n")
    sys.stdout.write(f"{first}\n# Source: {path}\n{rest}" + ("" if rest.endswith("\n") else "\n"))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
