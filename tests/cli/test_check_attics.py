"""Rules over an environment pass over folders for what is no longer used, unless something in use leads there."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.checked import check_json, of_rule
from cli.command import Run

TWICE = "AUD-WORK-0011"
SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}}\n"
)
LISTS = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../old/web.yaml]\n"


def _tree(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


@pytest.mark.parametrize("is_repository", [True, False])
def test_what_is_stored_is_no_second_declaration(run: Run, tmp_path: Path, is_repository: bool) -> None:
    # The folder that is checked may itself lie below one of such a name.
    root = tmp_path / "old" / "tree"
    _tree(root, {"apps/web.yaml": SERVICE, "old/web.yaml": SERVICE})
    if is_repository:
        (root / ".git").mkdir()
    assert of_rule(check_json(run, root)["findings"], TWICE) == []
    _tree(root, {"more/kustomization.yaml": LISTS})
    found = of_rule(check_json(run, root)["findings"], TWICE)
    assert sorted(entry["path"].rpartition("tree/")[2] for entry in found) == [
        "apps/web.yaml",
        "old/web.yaml",
    ]
