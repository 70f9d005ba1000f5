"""The images that git declares: from where, in which version, pinned or not, since when, moved by what."""

from __future__ import annotations

from typing import Any

import streamlit as st

from auditor.service import context
from auditor.service.display import download, frame, image_facts, labels, tables, text
from auditor.store.pages import commits, findings, images, resources

repo = frame.repository()
st.title("Images")

with context.current().cursor() as cursor:
    choices = images.image_choices(cursor, repo)
    known = images.has_images(cursor, repo)
if not known:
    frame.nothing(
        "No image is declared.",
        "Nothing at the audited tip names one, or it was audited before images were read: run `auditor scan`.",
    )
    st.stop()

with tables.filters():
    environments = tables.choice("Environment", choices["environments"], key="environment")
    registries = tables.choice("Registry", choices["registries"], key="registry")
    pinning = tables.choice("Pinned", images.PINNING, key="pinned")
    declared = tables.choice("Declared", images.DECLARED, key="declared")
    policies = (
        tables.choice("Moved by policy", choices["policies"], key="policy") if choices["policies"] else ()
    )
    as_of = tables.day("As of", key="as_of")
    wanted_text = tables.words("Text", key="text", placeholder="In image, resource, path, pointer or policy")


def stood(at: Any) -> None:
    """What was declared when a day began."""
    only = environments[0] if len(environments) == 1 else ""
    with context.current().cursor() as reader:
        found = images.images_as_of(reader, at, only)
    kept = [row for row in found if wanted_text.lower() in row["image"].lower()]
    st.subheader(f"As {at:%Y-%m-%d} began, in UTC ({len(kept):,})", anchor=False)
    st.caption(
        f"Every image that files declared {'in ' + text.heading(only) if only else 'in any environment'} at that instant, in how"
        " many places, since when the oldest of them holds it. Of the filters, one environment and the text count. What"
        " charts and remote bases bring in is not in it. Remove the day to see the audited tip."
    )
    if not kept:
        frame.nothing("No image was declared then.", "Choose a later day, or remove the text.")
        return
    tables.plain(
        kept,
        {
            "image": st.column_config.TextColumn("Image", width=340),
            "places": st.column_config.NumberColumn("Places", width=70),
            "environments": st.column_config.TextColumn("Environments", width=150),
            "since": tables.time_column("Since"),
            "set_by": st.column_config.TextColumn("Set by", width=130),
            "first_place": st.column_config.TextColumn("Oldest place", width=260),
        },
        name="Images as of a day",
    )


if as_of:
    stood(as_of)
    st.stop()

wanted = images.ImageFilter(
    repo=repo,
    environments=environments,
    registries=registries,
    pinning=pinning,
    declared=declared,
    policies=policies,
    text=wanted_text,
)
with context.current().cursor() as cursor:
    totals = images.image_totals(cursor, wanted)
    in_all = images.image_totals(cursor, images.ImageFilter(repo=repo))
if not totals["places"]:
    frame.nothing(
        "No image matches these filters.",
        f"Remove a filter: {text.count(in_all['places'], 'place names', 'places name')} an image in all.",
    )
    st.stop()

with st.container(horizontal=True):
    for label, name, meaning in (
        ("Places", "places", "Fields of files and of what is rendered that name an image"),
        ("Images", "images", "Different ones, by registry, repository, tag and digest"),
        ("Registries", "registries", "Different ones that images come from"),
        (
            labels.PINNING["unpinned"],
            "unpinned",
            "Places without a digest: what runs is what the tag means then",
        ),
        (
            labels.PINNING["watched"],
            "watched",
            "Places that only tell automation what to watch: nothing runs from them",
        ),
        ("Moved by a policy", "moved_by_policy", "Places that image automation rewrites"),
    ):
        st.metric(label, f"{totals[name]:,}", border=True, width=158, help=meaning)

with context.current().cursor() as cursor:
    offset = tables.page_offset(totals["places"])
    shown = images.list_images(cursor, wanted, limit=tables.PAGE_ROWS, offset=offset)
st.caption(
    f"Places {offset + 1:,}–{offset + len(shown):,} of {totals['places']:,}"
    + (f" ({in_all['places']:,} without filters)" if totals["places"] != in_all["places"] else "")
    + ". Click a row for the commit, the resource, its findings and its history. "
    + (
        f"Registries were asked about {totals['asked']:,} of them."
        if totals["asked"]
        else "No registry was asked: `auditor images --resolve` does it."
    )
)
picked = tables.selectable(
    [
        {
            **row,
            "pinning": labels.PINNING[row["pinning"]],
            "version": image_facts.version(row),
            "repository": row["repository"] or row["image"],
            "resource": text.resource(row),
            "short": text.short(row["since_sha"]),
            "says": image_facts.registry_says(row),
        }
        for row in shown
    ],
    {
        "pinning": st.column_config.TextColumn("Pinned", width=100),
        "host": st.column_config.TextColumn("Registry", width=105),
        "repository": st.column_config.TextColumn("Repository", width=190),
        "version": st.column_config.TextColumn("Tag or digest", width=95),
        "environment": st.column_config.TextColumn("Environment", width=92),
        "resource": st.column_config.TextColumn("Resource", width=175),
        "since": tables.time_column(
            "Since", "When the value that stands now landed; of what is rendered, its reference"
        ),
        "short": st.column_config.TextColumn("Commit", width=100),
        "declared": st.column_config.TextColumn("Declared", width=80),
        "policy": st.column_config.TextColumn("Moved by policy", width=150),
        "says": st.column_config.TextColumn("Registry says", width="medium"),
    },
    key="images_table",
    name="Places that name an image",
)
if picked is not None:
    st.query_params["place"] = shown[picked]["key"]


def everything() -> list[dict[str, Any]]:
    with context.current().cursor() as reader:
        return images.list_images(reader, wanted, limit=download.MAX_ROWS)


download.csv_button("images", totals["places"], everything)


def chosen(place: dict[str, Any]) -> None:
    """One place: what it says, since which commit, what its registry says, and where it leads."""
    st.subheader("The chosen image", anchor=False)
    st.code(text.visible(place["image"]), language=None, wrap_lines=True)
    tables.facts(
        [
            ("Pinned", labels.PINNING[place["pinning"]]),
            ("Environment", place["environment"]),
            ("Resource", text.resource(place)),
            ("Field", place["pointer"]),
            ("File", place["path"]),
            ("Rendered from", place["rendered_from"]),
            ("Moved by policy", place["policy"]),
            ("Digest", place["digest"]),
        ]
    )
    tables.facts(
        [
            ("Registry says", image_facts.registry_says(place)),
            ("Digest there", place["digest_now"] or ""),
            ("Asked", image_facts.asked_on(place)),
        ]
    )
    if place["signed"]:
        st.caption("That a signature is there does not say whose it is.")
    with context.current().cursor() as reader:
        since = commits.find_commits(reader, place["since_sha"], place["repo"])
        in_git = resources.known_place(reader, resources.place_of(place))
        open_ones = findings.findings_of_resource(
            reader, **{name: place[name] for name in ("repo", "environment", "kind", "namespace", "name")}
        )
        source = images.written_reference(reader, place)
        history = images.place_history(reader, source) if source else []
        seen = images.version_seen(reader, source) if source else []
    if since:
        tables.facts(
            [
                ("Since", text.when(since[0]["committed_at"])),
                ("Set by", since[0]["author_name"]),
                ("Pull request", since[0]["pull_request"]),
                ("Commit message", text.one_line(since[0]["subject"])),
            ]
        )
        frame.commit_link(place["since_sha"], place["repo"], "Open the commit that set it")
    else:
        st.caption("No landed commit is known to have set it: a chart or a remote base brings it in.")
    if in_git:
        frame.resource_link(place, "Who set what in this resource", place["pointer"])
    else:
        elsewhere = {
            "repo": place["repo"],
            "kind": place["kind"],
            "name": place["name"],
            "namespace": "",
            "environment": "",
        }
        frame.resource_link(elsewhere, "What files declare of a resource of this kind and name")
    on_it(place, open_ones)
    over_time(source, history, seen)


def on_it(place: dict[str, Any], open_ones: list[dict[str, Any]]) -> None:
    """The findings on the resource of a place."""
    st.subheader(f"Findings on its resource ({len(open_ones):,})", anchor=False)
    if not open_ones:
        st.caption("None is open or waived.")
        return
    at = tables.selectable(
        [
            {
                **row,
                "severity": labels.severity(row["severity"]),
                "state": labels.state(row["state"], advisory=row["advisory"]),
                "title": text.rule_title(row),
            }
            for row in open_ones
        ],
        {
            "severity": st.column_config.TextColumn("Severity", width=90),
            "state": st.column_config.TextColumn("State", width=80),
            "title": st.column_config.TextColumn("Rule", width=300),
            "message": st.column_config.TextColumn("Message", width="large"),
            "id": st.column_config.TextColumn("Id", width=130),
        },
        key="image_findings",
        name="Findings on the resource",
    )
    if at is not None:
        st.switch_page(frame.FINDING, query_params={"id": open_ones[at]["id"], "repository": place["repo"]})


def over_time(
    source: dict[str, Any] | None, history: list[dict[str, Any]], seen: list[dict[str, Any]]
) -> None:
    """What the place was set to before, and where else its version stood; `source` is the place in a file."""
    if source is None:
        st.caption("No file names this image, so there is no history of it here.")
        return
    place_repo = source["repo"]
    if source["rendered"] != place["rendered"]:
        st.subheader("Where it is written", anchor=False)
        st.caption("The newest reference to the same image in a file; what follows is about it.")
        tables.facts(
            [
                ("Resource ", text.resource(source)),
                ("Environment ", source["environment"]),
                ("File ", source["path"]),
                ("Field ", source["pointer"]),
            ]
        )
        frame.resource_link(source, "Who set what in the resource that names it", source["pointer"])
    if history:
        st.subheader(f"What it was set to ({len(history):,})", anchor=False)
        at = tables.selectable(
            [{**row, "short": text.short(row["sha"])} for row in history],
            {
                "since": tables.time_column("Landed"),
                "old": st.column_config.TextColumn("From", width=200),
                "new": st.column_config.TextColumn("To", width=200),
                "author_name": st.column_config.TextColumn("Set by", width=130),
                "pull_request": st.column_config.TextColumn("Request", width=75),
                "short": st.column_config.TextColumn("Commit", width=105),
                "pointer": st.column_config.TextColumn("Field", width="large"),
            },
            key="image_history",
            name="What the place was set to over time",
        )
        if at is not None:
            st.switch_page(frame.COMMIT, query_params={"sha": history[at]["sha"], "repository": place_repo})
    if seen:
        st.subheader(f"Where this version was declared ({len(seen):,})", anchor=False)
        at = tables.selectable(
            [{**row, "resource": text.resource(row), "short": text.short(row["landed_sha"])} for row in seen],
            {
                "since": tables.time_column("From"),
                "until": tables.time_column("Until", "Empty where it stands today"),
                "environment": st.column_config.TextColumn("Environment", width=100),
                "resource": st.column_config.TextColumn("Resource", width=230),
                "author_name": st.column_config.TextColumn("Set by", width=130),
                "pull_request": st.column_config.TextColumn("Request", width=75),
                "short": st.column_config.TextColumn("Landed as", width=105),
                "pointer": st.column_config.TextColumn("Field", width="large"),
            },
            key="image_seen",
            name="Where the version was declared over time",
        )
        st.caption(
            "The first is where it was first seen. What charts and remote bases bring in is not in it."
        )
        if at is not None:
            st.switch_page(
                frame.COMMIT, query_params={"sha": seen[at]["landed_sha"], "repository": place_repo}
            )
    if not history and not seen:
        st.caption("No landed change of this reference is known.")


key = st.query_params.get("place", "")
if key:
    with context.current().cursor() as cursor:
        place = images.find_image(cursor, key)
    if place is None:
        frame.nothing("The audited tip does not name the chosen image any more.", "Choose one from the list.")
    else:
        chosen(place)
