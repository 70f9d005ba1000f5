"""One finding: what, since when, by whom, how to mend it, and the evidence."""

from __future__ import annotations

from functools import partial

import streamlit as st

from auditor.service import context
from auditor.service.display import commit_facts, frame, labels, origins, tables, text
from auditor.store.pages import commits, findings, overview, resources

served = context.current()
wanted = st.query_params.get("id", "")
st.page_link(frame.FINDINGS, label="All findings", icon=":material/arrow_back:")

with served.cursor() as cursor:
    occurrences = findings.finding_occurrences(cursor, wanted, st.query_params.get("repository", ""))
    if not occurrences:
        st.title("Finding")
        frame.nothing(
            "There is no finding with this id.",
            "Choose one from the list of findings; an address needs ?id=F-…",
        )
        st.stop()
    finding = occurrences[0]
    repo = finding["repo"]
    occurrences = [row for row in occurrences if row["repo"] == repo]
    opened = commits.find_commits(cursor, finding["opened_sha"], repo)
    fixed = commits.find_commits(cursor, finding["fixed_sha"], repo)
    controls = findings.controls_of_rule(cursor, finding["rule_id"])
    waivers = findings.waivers_of(cursor, finding["id"], repo) if finding["state"] != "fixed" else []
    others = [
        row
        for row in findings.same_rule_open(cursor, finding["rule_id"], repo, limit=21)
        if row["id"] != finding["id"]
    ]
    run = overview.latest_run(cursor, repo)
    in_git = resources.known_place(cursor, resources.place_of(finding))
    of_change = finding["source"] == "change"
    trace = findings.trace_of(cursor, finding["id"], repo) if finding["state"] != "fixed" else []
    files = commits.commit_files(cursor, repo, finding["opened_sha"]).to_pylist() if of_change else []

st.title(text.heading(text.rule_title(finding)), anchor=False)
tables.facts(
    [
        ("Severity", labels.severity(finding["severity"])),
        ("State", labels.state(finding["state"], advisory=finding["advisory"])),
        ("Id", finding["id"]),
        ("Rule", finding["rule_id"]),
        ("Landed", text.when(finding["opened_at"]))
        if of_change
        else ("Was open for" if finding["state"] == "fixed" else "Open for", text.days(finding["days_open"])),
    ]
)
frame.said(finding["message"])
if finding["advisory"]:
    st.caption("Advisory: whoever wrote the rule wants this to be seen and to fail nothing.")


def accepted() -> None:
    """Who accepted it, why and until when; waivers that no longer hold too."""
    st.subheader("Accepted" if finding["state"] == "waived" else "Was accepted", anchor=False)
    for waiver in waivers:
        st.text(text.visible(waiver["reason"] or "No reason is given."))
        tables.facts(
            [
                ("By", waiver["owner"] or f"nobody named (a {waiver['source']} in the manifest)"),
                ("Granted", str(waiver["granted"] or "")),
                (
                    "Expired on" if waiver["state"] == "expired" else "Expires on",
                    str(waiver["expires"] or "no end"),
                ),
                ("Ticket", waiver["ticket"]),
                ("Written in", f"{waiver['path']}:{waiver['line']}"),
            ]
        )


def about_resource() -> None:
    """What the violation is in, and its lifetime."""
    tables.facts(
        [
            ("Resource", text.resource(finding)),
            ("API version", finding["api_version"]),
            ("Environment", finding["environment"]),
            ("File", f"{finding['path']}:{finding['line']}" if line else finding["path"]),
            ("Where", finding["pointer"] or "the whole resource"),
            ("Source", finding["source"]),
        ]
    )

    if in_git:
        frame.resource_link(finding, "Who set what in this resource")
        if finding["pointer"]:
            frame.resource_link(finding, "The values that this field had", finding["pointer"])

    if rendered and finding["state"] != "fixed":
        comes_from()

    st.subheader("Lifetime")
    tables.facts(
        [
            ("Opened", text.when(finding["opened_at"])),
            ("by", finding["opened_by"]),
            ("Pull request", opened[0]["pull_request"] if opened else ""),
            ("First detected", text.when(finding["detected_at"])),
            ("Fixed", text.when(finding["fixed_at"])),
            ("by ", finding["fixed_by"]),
        ]
    )
    if not finding["opened_sha"]:
        st.caption(
            "No commit opened it: a waiver ends by the calendar, and is looked at as it stands at the audited tip."
            if finding["source"] == "waiver"
            else "The opening commit is not known: this violation was there already in the first landing that was rendered."
        )
    elif not opened:
        st.caption("The opening commit is not in this database.")


def comes_from() -> None:
    """The line that a rendered field comes from, how sure that is, and what it goes through on its way to the cluster."""
    st.subheader("Comes from", anchor=False)
    if not trace:
        st.caption(origins.NOT_TOLD)
        return
    source = trace[0]
    tables.facts(
        [
            ("File ", source["path"]),
            ("Line", f"{source['line']:,}" if source["line"] else ""),
            ("How sure", origins.certainty(trace)),
            *(
                [
                    ("Line last written by", source["author"]),
                    ("at", text.when(source["committed_at"])),
                    ("Commit message", text.one_line(source["subject"])),
                ]
                if source["sha"]
                else []
            ),
        ]
    )
    frame.commit_link(source["sha"], repo, "Open the commit that last wrote the line")
    st.caption(origins.explained(trace, finding["pointer"]))
    tables.plain(
        [
            {
                "order": str(number),
                "place": text.one_line(f"{step['path']}:{step['line']}" if step["line"] else step["path"]),
                "what": text.one_line(step["what"]),
            }
            for number, step in enumerate(trace, start=1)
        ],
        {
            "order": st.column_config.TextColumn("Order", width=55),
            "place": st.column_config.TextColumn("Place", width=290),
            "what": st.column_config.TextColumn("What it does", width=215),
        },
        name="Where the field comes from, in order",
    )


def about_commit() -> None:
    """The commit that landed so, and what it changed."""
    st.caption(
        "How a commit landed is an event: this finding stays open, as a record for whoever reviews it."
        f" First detected {text.when(finding['detected_at'])}."
    )
    st.subheader("Commit", anchor=False)
    if not opened:
        st.caption("The commit is not in this database.")
        return
    commit_facts.message(opened[0])
    commit_facts.facts(opened[0])
    frame.commit_link(finding["opened_sha"], repo, "Open the commit, with its diffs and findings")
    st.subheader(f"Files ({len(files):,})", anchor=False)
    if files:
        tables.plain(
            files,
            {
                "change": st.column_config.TextColumn("Change", width=90),
                "path": st.column_config.TextColumn("Path", width="large"),
                "old_path": st.column_config.TextColumn("Path before", width="medium"),
            },
            name="Changed files",
        )


def evidence() -> None:
    """The manifest, and the diffs that opened and fixed the violation."""
    st.subheader("Manifest")
    opened_path = finding["opened_path"] or finding["path"]
    tip = "" if finding["state"] == "fixed" or run is None else run["tip"]
    at = tip or finding["opened_sha"]
    if at:
        st.caption("As opened" if at == finding["opened_sha"] else "At the audited tip")
        if rendered and not (trace and trace[0]["exact"]):
            st.caption("The violation is in what this file is rendered to; the file itself may not show it.")
        frame.manifest(
            lambda: served.evidence.excerpt(repo, at, finding["path"] if tip else opened_path),
            line=line,
            meaning=origins.marked_line(finding, trace),
        )
    else:
        st.caption("The version of the file is not known.")

    fixed_path = finding["fixed_path"] or finding["path"]
    for title, found, path in (("Opened by", opened, opened_path), ("Fixed by", fixed, fixed_path)):
        if found:
            commit = found[0]
            st.subheader(f"{title} commit {text.short(commit['sha'])}", anchor=False)
            st.text(text.one_line(commit["subject"]))
            st.caption(f"{text.when(commit['committed_at'])} · {labels.actor_kind(commit['actor_kind'])}")
            frame.commit_link(commit["sha"], repo)
            sha = commit["sha"]
            frame.diff(partial(served.evidence.diff, repo, sha, path))


rendered = finding["source"] == "rendered"
line = finding["line"]
if of_change:
    about_commit()
else:
    about_resource()
if waivers:
    accepted()

if finding["description"] or finding["remediation"]:
    st.subheader("Why it matters, and what to do")
    if finding["description"]:
        st.text(text.unmarked(finding["description"]))
    if finding["remediation"]:
        st.code(text.unmarked(finding["remediation"]), language=None, wrap_lines=True)
if controls:
    st.caption("Evidence for")
    st.text(" · ".join(text.one_line(f"{row['framework']} {row['control']}") for row in controls))

if not of_change:
    evidence()

if len(occurrences) > 1:
    st.subheader("Occurrences")
    st.caption("The violation came back after it was fixed.")
    tables.plain(
        [{**row, "state": labels.state(row["state"], advisory=row["advisory"])} for row in occurrences],
        {
            "occurrence": st.column_config.NumberColumn("Number", width="small"),
            "state": st.column_config.TextColumn("State", width=80),
            "opened_at": tables.time_column("Opened"),
            "opened_by": "Opened by",
            "fixed_at": tables.time_column("Fixed"),
            "fixed_by": "Fixed by",
            "days_open": st.column_config.NumberColumn("Days open", format="localized"),
        },
        name="Occurrences of this finding",
    )
if others:
    st.subheader("Other commits that landed so" if of_change else "The same rule elsewhere, open")
    shown = others[:20]
    picked = tables.selectable(
        [
            {
                **row,
                "severity": labels.severity(row["severity"]),
                "resource": row["opened_subject"] if of_change else text.resource(row),
                "place": row["name"] if of_change else row["environment"],
                "opened_by": text.name_of(row["opened_by"]),
            }
            for row in shown
        ],
        {
            "resource": st.column_config.TextColumn(
                "Commit message" if of_change else "Resource", width="large"
            ),
            "place": "Commit" if of_change else "Environment",
            "opened_at": tables.time_column("Landed" if of_change else "Opened"),
            "opened_by": "Author" if of_change else "Opened by",
            "id": "Id",
        },
        key="others",
        name="Other open findings of the same rule",
    )
    if picked is not None:
        st.switch_page(frame.FINDING, query_params={"id": shown[picked]["id"], "repository": repo})
    st.page_link(
        frame.FINDINGS,
        label="All findings of this rule",
        query_params={
            "rule": finding["rule_id"],
            "source": findings.Source.CHANGES if of_change else findings.Source.RESOURCES,
        },
    )
