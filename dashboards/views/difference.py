"""One difference: declared and live, who changed it and how sure that is."""

from __future__ import annotations

import streamlit as st

from auditor.service import context
from auditor.service.display import frame, labels, tables, text
from auditor.store.pages import commits, drift, resources

st.page_link(frame.DRIFT, label="All differences", icon=":material/arrow_back:")
wanted = st.query_params.get("key", "")

with context.current().cursor() as cursor:
    found = drift.drift_rows(cursor, wanted)
    if not found:
        st.title("Difference")
        frame.nothing(
            "There is no such difference.", "It may be gone since the last scan; choose one from the list."
        )
        st.stop()
    row = found[0]
    in_git = resources.known_place(cursor, resources.place_of(row))
    setter = commits.find_commits(cursor, row["declared_sha"], row["repo"])
    equal = commits.find_commits(cursor, row["matches_commit"], row["repo"])

st.title(text.heading(f"{row['verdict'].capitalize()}: {text.resource(row)}"), anchor=False)
st.text(labels.DRIFT_VERDICTS.get(row["verdict"], ""))
tables.facts(
    [
        ("Severity", labels.severity(row["severity"])),
        ("Cluster", row["cluster"]),
        ("Environment", row["environment"]),
        ("API version", row["api_version"]),
        ("Field", row["pointer"] or "the whole object"),
        ("Seen", text.when(row["seen_at"])),
    ]
)
left, right = frame.side_by_side()
for column, title, value in (
    (left, "Declared in git", row["declared"]),
    (right, "Live in the cluster", row["live"]),
):
    with column:
        st.subheader(title, anchor=False)
        shown, note = text.limited(text.pretty(value))
        if shown:
            st.code(
                shown, language="json", wrap_lines=True, height=400 if shown.count("\n") > 18 else "content"
            )
            if note:
                st.caption(note)
        else:
            st.caption("Nothing.")

st.subheader("Who changed it")
tables.facts(
    [
        ("Actor", row["actor"] or "not known"),
        ("Field manager", row["manager"]),
        ("Changed", text.when(row["changed_at"])),
        ("Confidence", row["confidence"]),
    ]
)
if row["confidence"] in labels.CONFIDENCE:
    st.caption(f"{row['confidence'].capitalize()}: {labels.CONFIDENCE[row['confidence']]}.")
if row["evidence"]:
    st.code(text.visible(row["evidence"]), language=None, wrap_lines=True)

st.subheader("What git says")
if row["declared_sha"]:
    tables.facts(
        [
            ("Declared value set by", row["declared_by"]),
            ("on", text.when(row["declared_at"])),
            ("Commit", text.short(row["declared_sha"])),
            ("Message", text.one_line(setter[0]["subject"]) if setter else ""),
        ]
    )
    if setter:
        frame.commit_link(row["declared_sha"], row["repo"], f"Open commit {text.short(row['declared_sha'])}")
else:
    st.caption("No commit declares it.")
if row["matches_commit"]:
    what = "value is the one" if row["pointer"] else "object equals the version"
    st.caption(f"The live {what} of commit {text.short(row['matches_commit'])}.")
    if equal:
        frame.commit_link(
            row["matches_commit"], row["repo"], f"Open commit {text.short(row['matches_commit'])}"
        )
if in_git:
    frame.resource_link(row, "The values that git declared over time", row["pointer"])
