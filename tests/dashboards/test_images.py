"""The page of images: the figures of the command line and of the saved questions, filters, one place with its history."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from dashboards.image_seed import ASKED, DIGEST, FINDING, HOSTILE_IMAGE
from dashboards.page_texts import marked_up, plain_texts, rows
from service.trail_seed import REPO
from typer.testing import CliRunner

from auditor.cli.main import app as command_line
from auditor.service.context import current
from auditor.store.pages import images
from auditor.store.saved import run_saved

PAGE = "views/images.py"


@pytest.fixture
def open_images(open_page: Any) -> Any:
    def open_(**address: object) -> Any:
        app = open_page(PAGE, database="images", **address)
        assert not app.exception
        return app

    return open_


@pytest.fixture(scope="module")
def printed(databases: dict[str, Path]) -> dict[str, Any]:
    """What `auditor images --format json` prints."""
    result = CliRunner().invoke(
        command_line, ["images", "--db", str(databases["images"]), "--format", "json"]
    )
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def key_of(name: str, **wanted: Any) -> str:
    with current().cursor() as cursor:
        found = images.list_images(cursor, images.ImageFilter(text=name, **wanted), limit=10)
    return str(next(row for row in found if row["name"] == name)["key"])


def figures(app: Any) -> dict[str, int]:
    return {metric.label: int(metric.value) for metric in app.metric}


def test_the_page_says_the_numbers_of_the_command_line(open_images: Any, printed: dict[str, Any]) -> None:
    shown, summary = figures(open_images()), printed["summary"]
    places = printed["images"]
    assert shown == {
        "Places": len(places),
        "Images": summary["images"],
        "Registries": summary["registries"],
        "○ Not pinned": sum(not place["pinned"] and not place["watched"] for place in places),
        "– Watched": sum(place["watched"] for place in places),
        "Moved by a policy": sum(bool(place["policy"]) for place in places),
    }
    assert len({place["image"] for place in places}) == summary["images"]
    assert len(places) > 5


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_of_each_environment_too(open_images: Any, printed: dict[str, Any], environment: str) -> None:
    places = [place for place in printed["images"] if place["environment"] == environment]
    app = open_images(environment=environment)
    assert figures(app)["Places"] == len(places)
    shown = Counter((row["pinning"], row["resource"], row["policy"]) for row in rows(app))
    told = {"unpinned": "○ Not pinned", "pinned": "✓ Pinned", "watched": "– Watched"}
    assert shown == Counter(
        (
            told["watched" if place["watched"] else "pinned" if place["pinned"] else "unpinned"],
            f"{place['kind']} {place['namespace'] + '/' if place['namespace'] else ''}{place['name']}",
            place["policy"],
        )
        for place in places
    )


def test_what_is_not_pinned_is_what_the_saved_question_lists(
    open_images: Any, databases: dict[str, Path]
) -> None:
    saved = run_saved(databases["images"], "images-unpinned").table.to_pylist()
    app = open_images(pinned="unpinned")
    assert figures(app)["Places"] == figures(app)["○ Not pinned"] == len(saved)
    assert {row["pinning"] for row in rows(app)} == {"○ Not pinned"}


def test_registries_hold_what_the_saved_question_counts(open_images: Any, databases: dict[str, Path]) -> None:
    saved = run_saved(databases["images"], "images-by-registry").table.to_pylist()
    for registry in ("docker.io", "registry.example.org"):
        shown = figures(open_images(registry=registry))["Places"]
        assert shown == sum(row["places"] for row in saved if row["registry"] == registry) > 0


def test_written_and_rendered_are_told_apart(open_images: Any) -> None:
    assert {row["declared"] for row in rows(open_images(declared="rendered"))} == {"rendered"}
    assert {row["declared"] for row in rows(open_images(declared="written"))} == {"written"}


def test_what_a_policy_moves_is_found_by_it(open_images: Any) -> None:
    (row,) = rows(open_images(policy="flux-system/web"))
    assert (row["repository"], row["version"]) == ("acme/web", "2.0")


def test_what_registries_said_is_shown_and_the_rest_is_not_asked(open_images: Any) -> None:
    says = {row["resource"]: row["says"] for row in rows(open_images(environment="production"))}
    assert says["Deployment data/cache"] == "✓ the pinned digest, signed"
    assert says["Deployment payments/proxy"] == "▲ the tag means another digest now, no signature seen"
    assert says["Kustomization apps/production"] == "! no answer: the registry asks who is there"
    assert says["Deployment payments/odd"] == "not asked"
    assert "Registries were asked about 3 of them" in marked_up(open_images(environment="production"))
    assert "No registry was asked" in marked_up(open_images(environment="staging"))


def test_the_last_answer_counts_with_its_time(open_images: Any) -> None:
    open_images()
    app = open_images(place=key_of("proxy"))
    assert f"{ASKED:%Y-%m-%d %H:%M} UTC" in plain_texts(app)
    assert DIGEST in plain_texts(app)


def test_a_chosen_image_leads_to_its_commit_resource_findings_and_history(open_images: Any) -> None:
    open_images()
    app = open_images(place=key_of("web", environments=("production",)))
    with current().cursor() as cursor:
        place = images.find_image(cursor, key_of("web", environments=("production",)))
    assert place is not None
    assert place["image"] in plain_texts(app)
    links = [link.proto.query_string for link in app.get("page_link")]
    assert f"sha={place['since_sha']}&repository={REPO}" in links
    assert any(
        link.startswith("kind=Deployment&namespace=payments&name=web&environment=production")
        for link in links
    )
    headings = " ".join(heading.value for heading in app.subheader)
    assert "Findings on its resource (1)" in headings
    findings, history, seen = rows(app, 1), rows(app, 2), rows(app, 3)
    assert [(row["id"], row["state"]) for row in findings] == [(FINDING, "○ Open")]
    assert history[0]["new"] == place["image"]
    assert [row["since"] for row in history] == sorted((row["since"] for row in history), reverse=True)
    assert history[0]["short"] == place["since_sha"][:10] == seen[-1]["short"]
    assert len(seen) == 1


def test_a_place_that_is_gone_says_so(open_images: Any) -> None:
    assert "does not name the chosen image any more" in marked_up(open_images(place="0" * 12))


def test_what_is_rendered_has_the_history_of_the_reference_in_a_file(open_images: Any) -> None:
    open_images()
    app = open_images(place=key_of("api", declared=("rendered",)))
    with current().cursor() as cursor:
        place = images.find_image(cursor, key_of("api", declared=("rendered",)))
        assert place is not None
        written = images.written_reference(cursor, place)
    assert written is not None
    assert (written["rendered"], written["environment"], written["image"]) == (
        False,
        "staging",
        place["image"],
    )
    assert "Where it is written" in [heading.value for heading in app.subheader]
    assert rows(app, 1)[0]["new"] == place["image"]


def test_what_no_file_names_has_no_history(open_images: Any) -> None:
    open_images()
    app = open_images(place=key_of("odd"))
    assert "No landed commit is known to have set it" in marked_up(app)
    assert "No file names this image, so there is no history" in marked_up(app)
    assert HOSTILE_IMAGE in plain_texts(app)
    assert "javascript" not in marked_up(app)


def test_a_day_shows_what_was_declared_then(open_images: Any, databases: dict[str, Path]) -> None:
    saved = run_saved(databases["images"], "images-as-of", parameters={"at": "2025-09-01"}).table.to_pylist()
    app = open_images(as_of="2025-09-01")
    assert [row["image"] for row in rows(app)] == [row["image"] for row in saved]
    assert [row["places"] for row in rows(app)] == [row["places"] for row in saved]
    assert not app.metric
    before = open_images(as_of="2024-01-01")
    assert "No image was declared then." in marked_up(before)


def test_filters_that_keep_nothing_say_so(open_images: Any) -> None:
    app = open_images(text="no such text anywhere")
    assert not app.dataframe
    assert "No image matches these filters." in marked_up(app)


def test_an_audit_without_images_says_what_to_do(open_page: Any) -> None:
    app = open_page(PAGE, database="complete")
    assert "No image is declared." in marked_up(app)
    assert "auditor scan" in marked_up(app)
