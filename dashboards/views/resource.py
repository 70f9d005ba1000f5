"""One resource: who set each of its fields, what they were before, and every change of it."""

from __future__ import annotations

import streamlit as st

from auditor.service import context
from auditor.service.display import frame, labels, tables, text
from auditor.store.pages import resources
from auditor.store.saved import normal_pointer

asked = st.query_params
wanted = resources.ResourcePlace(
    repo=asked.get("repository", ""),
    environment=asked.get("environment", ""),
    kind=asked.get("kind", ""),
    namespace=asked.get("namespace", ""),
    name=asked.get("name", ""),
)
st.page_link(frame.COMMITS, label="Audit trail", icon=":material/arrow_back:")

with context.current().cursor() as cursor:
    found = resources.find_resources(cursor, wanted) if wanted.kind or wanted.name else []
    if len(found) > 1:
        found = [row for row in found if resources.place_of(row) == wanted] or found
if not found:
    st.title("Resource")
    frame.nothing(
        "Git never declared such a resource.",
        "What is only rendered from charts or bases has no fields of its own. Choose a resource from a commit or a"
        " finding; an address needs ?kind= and name=.",
    )
    st.stop()
if len(found) > 1:
    st.title("Resource")
    st.caption("Several resources are called so. Click one.")
    picked = tables.selectable(
        [
            {**row, "resource": text.resource(row), "declared": "yes" if row["declared"] else "no"}
            for row in found
        ],
        {
            "resource": st.column_config.TextColumn("Resource", width="large"),
            "environment": "Environment",
            "repo": "Repository",
            "declared": "Declared now",
            "path": st.column_config.TextColumn("Path", width="large"),
        },
        key="several",
        name="Resources of this name",
    )
    if picked is not None:
        st.switch_page(frame.RESOURCE, query_params=frame.resource_address(found[picked]))
    st.stop()

resource = found[0]
place = resources.place_of(resource)
with context.current().cursor() as cursor:
    fields = resources.fields_now(cursor, place)
    changes = resources.resource_commits(cursor, place)

st.title(text.heading(text.resource(resource)), anchor=False)
tables.facts(
    [
        ("Declared", "now" if resource["declared"] else "no longer"),
        ("Environment", resource["environment"]),
        ("API version", resource["api_version"]),
        ("Repository", resource["repo"]),
        ("File" if resource["declared"] else "Last file", resource["path"]),
    ]
)

st.subheader(f"Who set what is declared ({len(fields):,})", anchor=False)
pointer = normal_pointer(asked.get("pointer", ""))
if fields:
    several = len({field["path"] for field in fields}) > 1
    picked = tables.selectable(
        [{**field, "short": text.short(field["sha"])} for field in fields],
        {
            "pointer": st.column_config.TextColumn("Field", width=360),
            "value": st.column_config.TextColumn("Value", width="medium"),
            "author_name": st.column_config.TextColumn("Set by", width=130),
            "landed_at": tables.time_column("Landed"),
            "pull_request": st.column_config.TextColumn("Request", width=75),
            "short": st.column_config.TextColumn("Commit", width=105),
            **({"path": st.column_config.TextColumn("File", width="medium")} if several else {}),
        },
        key="fields_now",
        name="The fields as they are declared, and who set them",
    )
    st.caption(
        "Click a field to see the values that it had. Set by: the author of the commit that did it, on its branch where a"
        " merge brought it in. What Kustomize and Helm make of the files is not in it."
    )
    if picked is not None:
        pointer = fields[picked]["pointer"]
        st.query_params["pointer"] = pointer
else:
    st.caption("None: git declares it no longer.")

if pointer:
    st.subheader("Values of a field", anchor=False)
    st.code(text.visible(pointer), language=None)
    with context.current().cursor() as cursor:
        values = resources.field_values(cursor, place, pointer)
    if values:
        below = any(value["pointer"] != pointer for value in values)
        picked = tables.selectable(
            [
                {
                    **value,
                    "below": value["pointer"].removeprefix(pointer),
                    "short": text.short(value["landed_sha"]),
                }
                for value in values
            ],
            {
                **({"below": st.column_config.TextColumn("Below it", width=220)} if below else {}),
                "value": st.column_config.TextColumn("Value", width="medium"),
                "since": tables.time_column("From"),
                "until": tables.time_column("Until", "Empty where it stands today"),
                "author_name": st.column_config.TextColumn("Set by", width=130),
                "pull_request": st.column_config.TextColumn("Request", width=75),
                "short": st.column_config.TextColumn("Landed as", width=105),
            },
            key="values",
            name="The values of the field over time",
        )
        if picked is not None:
            st.switch_page(
                frame.COMMIT, query_params={"sha": values[picked]["landed_sha"], "repository": place.repo}
            )
    else:
        st.caption("Git never declared this field of the resource: the default of whoever reads it applied.")

st.subheader(f"Changes ({len(changes):,})", anchor=False)
picked = tables.selectable(
    [
        {
            **change,
            "actor_kind": labels.actor_kind(change["actor_kind"]),
            "short": text.short(change["sha"]),
        }
        for change in changes
    ],
    {
        "landed_at": tables.time_column("Landed", "The committer's own clock."),
        "change": st.column_config.TextColumn("Change", width=85),
        "fields": st.column_config.NumberColumn("Fields", width=65),
        "subject": st.column_config.TextColumn("Message", width=320),
        "author_name": st.column_config.TextColumn("Author", width=130),
        "actor_kind": st.column_config.TextColumn("Actor", width=100),
        "pull_request": st.column_config.TextColumn("Request", width=75),
        "short": st.column_config.TextColumn("Commit", width=105),
    },
    key="changes",
    name="Landed changes of the resource",
)
if picked is not None:
    st.switch_page(frame.COMMIT, query_params={"sha": changes[picked]["sha"], "repository": place.repo})
