"""What Flux' image automation may set: the fields that its markers name, and nothing beside them."""

from __future__ import annotations

from collections.abc import Callable

from changecontrol.change_audit import ChangeAudit
from histories.builder import History, Person

FLUX = Person("fluxcdbot", "fluxcdbot@users.noreply.github.com")
OUT_OF_SCOPE = 17


def files(
    tag: str = "1.0.0", other: str = "1.0.0", version: str = "1", *, marked: bool = True
) -> dict[str | bytes, str]:
    marker = ' # {"$imagepolicy": "flux-system:web:tag"}' if marked else ""
    custom = ' # {"$imagepolicy": "flux-system:web:tag"}' if marked else ""
    return {
        "app/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n"
        f"  - name: web\n    newTag: {tag}{marker}\n  - name: other\n    newTag: {other}\n",
        "app/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n"
        f'  release: "{version}"{custom}\n',
    }


def test_a_marked_field_is_in_scope_and_the_one_beside_it_is_not(
    story: History, audited: Callable[..., ChangeAudit]
) -> None:
    story.commit("ours", files())
    story.commit("marked", files("1.1.0"), by=FLUX)
    story.commit("marked, and no image", files("1.1.0", version="2"), by=FLUX)
    wrong = story.commit("beside", files("1.2.0", "2.0.0", "2"), by=FLUX)
    assert audited().found(OUT_OF_SCOPE) == [(wrong, "app/kustomization.yaml", "images[name=other].newTag")]


def test_a_marker_that_the_commit_brings_allows_nothing(
    story: History, audited: Callable[..., ChangeAudit]
) -> None:
    story.commit("ours", files(marked=False))
    wrong = story.commit("marks and sets", files(version="2"), by=FLUX)
    assert audited().found(OUT_OF_SCOPE) == [(wrong, "app/config.yaml", "data.release")]


def test_a_registered_scope_holds_beside_markers(story: History, audited: Callable[..., ChangeAudit]) -> None:
    story.commit("ours", files())
    story.commit("beside", files(other="2.0.0"), by=FLUX)
    registered = [
        {"name": "flux", "kind": "automation", "emails": [FLUX.email], "scope": ["images[*].newTag"]}
    ]
    assert audited(people=registered).found(OUT_OF_SCOPE) == []
