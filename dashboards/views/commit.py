"""One commit: who, when, what it changed, opened and fixed."""

from __future__ import annotations

import streamlit as st

from auditor.service import context
from auditor.service.display import commit_facts, frame, labels, tables, text
from auditor.store.pages import commits

served = context.current()
wanted = st.query_params.get("sha", "")
st.page_link(frame.COMMITS, label="Audit trail", icon=":material/arrow_back:")

with served.cursor() as cursor:
    found = commits.find_commits(cursor, wanted, st.query_params.get("repository", ""))
    if len(found) != 1:
        st.title("Commit")
        frame.nothing(
            "No commit has this id." if not found else "More than one commit has this id.",
            "Choose one from the audit trail; an address needs ?sha= with 7 digits or more.",
        )
        st.stop()
    commit = found[0]
    place = (commit["repo"], commit["sha"])
    files = commits.commit_files(cursor, *place).to_pylist()
    resources = commits.commit_resources(cursor, *place).to_pylist()
    fields = commits.commit_fields(cursor, *place).to_pylist()
    touched = commits.commit_findings(cursor, *place)
    change = commits.commit_change(cursor, *place)
    request = (commit["repo"], change["forge"], change["number"]) if change and change["forge"] else None
    reviews = commits.request_reviews(cursor, *request) if request else []
    checks = commits.request_checks(cursor, *request) if request else []
    signature = commits.commit_signature(cursor, *place)
    brought = commits.commits_landed_in(cursor, *place).to_pylist()

st.title(f"Commit {text.short(commit['sha'])}", anchor=False)
if commit["lost"]:
    st.error(
        "**This commit is lost.** No branch or tag reaches it any more: history was rewritten.",
        icon=":material/history_toggle_off:",
    )
commit_facts.message(commit)
commit_facts.facts(commit)
with st.container(horizontal=True):
    if not commit["landed"] and commit["landed_in"]:
        frame.commit_link(commit["landed_in"], commit["repo"], f"Landed in {text.short(commit['landed_in'])}")
    for parent in commit["parents"]:
        frame.commit_link(parent, commit["repo"], f"Parent {text.short(parent)}")

if signature and signature["reason"]:
    st.caption("What the check of the signature said")
    st.code(text.visible(signature["reason"]), language=None, wrap_lines=True)
if change:
    commit_facts.request(change, reviews, checks)

objections = [row for row in touched if row["event"] == "landed"]
if objections:
    st.subheader("How it landed", anchor=False)
    picked = tables.selectable(
        [
            {**row, "severity": labels.severity(row["severity"]), "title": text.rule_title(row)}
            for row in objections
        ],
        {
            "severity": st.column_config.TextColumn("Severity", width=90),
            "title": st.column_config.TextColumn("Rule", width=300),
            "message": st.column_config.TextColumn("Objection", width="large"),
        },
        key="findings_landed",
        name="What the rules object to in how it landed",
    )
    if picked is not None:
        st.switch_page(
            frame.FINDING, query_params={"id": objections[picked]["id"], "repository": commit["repo"]}
        )

for event, title in (("opened", "Findings it opened"), ("fixed", "Findings it fixed")):
    rows = [row for row in touched if row["event"] == event]
    st.subheader(f"{title} ({len(rows):,})", anchor=False)
    if rows:
        picked = tables.selectable(
            [
                {
                    **row,
                    "severity": labels.severity(row["severity"]),
                    "state": labels.state(row["state"]),
                    "title": text.rule_title(row),
                    "resource": text.resource(row),
                }
                for row in rows
            ],
            {
                "severity": st.column_config.TextColumn("Severity", width=90),
                "state": st.column_config.TextColumn("State now", width=85),
                "title": st.column_config.TextColumn("Rule", width="large"),
                "resource": st.column_config.TextColumn("Resource", width="medium"),
                "environment": st.column_config.TextColumn("Environment", width=105),
            },
            key=f"findings_{event}",
            name=title,
        )
        if picked is not None:
            st.switch_page(
                frame.FINDING, query_params={"id": rows[picked]["id"], "repository": commit["repo"]}
            )
    else:
        st.caption("None.")

st.subheader(f"Files ({len(files):,})", anchor=False)
if files:
    picked = tables.selectable(
        files,
        {
            "change": st.column_config.TextColumn("Change", width=90),
            "path": st.column_config.TextColumn("Path", width="large"),
            "old_path": st.column_config.TextColumn("Path before", width="medium"),
        },
        key="files",
        name="Changed files",
    )
    st.caption("Click a file to see its diff.")
    if picked is not None:
        frame.diff(lambda: served.evidence.diff(commit["repo"], commit["sha"], files[picked]["path"]))
if resources:
    st.subheader(f"Resources ({len(resources):,})", anchor=False)
    picked = tables.selectable(
        [{**row, "resource": text.resource(row)} for row in resources],
        {
            "change": st.column_config.TextColumn("Change", width=90),
            "resource": st.column_config.TextColumn("Resource", width="medium"),
            "environment": st.column_config.TextColumn("Environment", width=105),
            "path": st.column_config.TextColumn("Path", width="large"),
        },
        key="resources",
        name="Changed resources",
    )
    st.caption("Click a resource to see who set its fields.")
    if picked is not None:
        st.switch_page(
            frame.RESOURCE, query_params=frame.resource_address({**resources[picked], "repo": commit["repo"]})
        )
if fields:
    st.subheader(f"Fields ({len(fields):,})", anchor=False)
    picked = tables.selectable(
        [{**row, "resource": text.resource(row)} for row in fields],
        {
            "resource": st.column_config.TextColumn("Resource", width="medium"),
            "environment": st.column_config.TextColumn("Environment", width=105),
            "pointer": st.column_config.TextColumn("Field", width="medium"),
            "old_value": st.column_config.TextColumn("Before", width="medium"),
            "new_value": st.column_config.TextColumn("After", width="medium"),
        },
        key="fields",
        name="Changed fields",
    )
    st.caption("Click a field to see the values that it had.")
    if picked is not None:
        st.switch_page(
            frame.RESOURCE,
            query_params=frame.resource_address(
                {**fields[picked], "repo": commit["repo"]}, fields[picked]["pointer"]
            ),
        )
if brought:
    st.subheader(f"Commits it brought in ({len(brought):,})", anchor=False)
    picked = tables.selectable(
        [
            {**row, "short": text.short(row["sha"]), "actor_kind": labels.actor_kind(row["actor_kind"])}
            for row in brought
        ],
        {
            "committed_at": tables.time_column("Committed"),
            "subject": st.column_config.TextColumn("Message", width="large"),
            "author_name": "Author",
            "actor_kind": "Actor",
            "short": "Commit",
        },
        key="brought",
        name="Side-branch commits that landed with this one",
    )
    if picked is not None:
        st.switch_page(
            frame.COMMIT, query_params={"sha": brought[picked]["sha"], "repository": commit["repo"]}
        )
