"""What a commit claims to be, as the pages of a commit and of a finding about it show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from auditor.service.display import labels, tables, text


def message(commit: Mapping[str, Any]) -> None:
    """Subject and body, as plain text."""
    parts = (commit["subject"], commit["body"].strip())
    st.code(text.visible("\n\n".join(part for part in parts if part)), language=None, wrap_lines=True)


def facts(commit: Mapping[str, Any]) -> None:
    """Author, committer, place, pull request and signature, and that most of it proves nothing."""
    tables.facts(
        [
            ("Author", f"{commit['author_name']} <{commit['author_email']}>"),
            ("Authored", text.when(commit["authored_at"])),
            ("Committer", f"{commit['committer_name']} <{commit['committer_email']}>"),
            ("Committed", text.when(commit["committed_at"])),
            ("Kind of actor", labels.actor_kind(commit["actor_kind"] or "")),
        ]
    )
    signature = " ".join(part for part in (commit["signature_format"], commit["signature_status"]) if part)
    tables.facts(
        [
            ("Repository", commit["repo"]),
            ("Place", _place(commit)),
            ("Pull request named in the message", commit["pull_request"] or ""),
            ("Signature", signature),
            ("Signer", commit["signer"]),
        ]
    )
    st.caption(
        "Names, addresses, times and messages are what the commit claims. A signature is the only part that can be proven."
    )
    st.code(commit["sha"], language=None)


def request(
    change: Mapping[str, Any], reviews: Sequence[Mapping[str, Any]], checks: Sequence[Mapping[str, Any]]
) -> None:
    """How a landed commit came in, as the forge told it; where none did, that nothing is confirmed."""
    st.subheader("Request", anchor=False)
    approvers = change["approvers"]
    tables.facts(
        [
            (
                "Request",
                f"{change['forge']} {change['number']}" if change["number"] is not None else "none known",
            ),
            ("Told", change["confirmed"]),
            ("Named in the message", change["claimed"] or ""),
            ("Author", change["author"] or ""),
            ("Approved by", "not known" if approvers is None else " ".join(approvers) or "nobody"),
            ("Merged by", change["merged_by"] or ""),
            ("Merged", text.when(change["merged_at"])),
        ]
    )
    if change["title"]:
        st.text(text.one_line(change["title"]))
    st.caption(text.heading(change["reason"]))
    if change["url"]:
        st.code(text.visible(change["url"]), language=None)
    if reviews:
        tables.plain(
            [{**review, "short": text.short(review["commit_sha"])} for review in reviews],
            {
                "reviewer": st.column_config.TextColumn("Reviewer", width="medium"),
                "state": st.column_config.TextColumn("Review", width=130),
                "submitted_at": tables.time_column("Given"),
                "short": st.column_config.TextColumn("Of head", width=105),
            },
            name="Reviews of the request",
        )
    if checks:
        tables.plain(
            [{**check, "short": text.short(check["sha"])} for check in checks],
            {
                "name": st.column_config.TextColumn("Check", width="medium"),
                "state": st.column_config.TextColumn("Result", width=100),
                "completed_at": tables.time_column("Ended"),
                "short": st.column_config.TextColumn("Of head", width=105),
            },
            name="Checks of the request",
        )


def _place(commit: Mapping[str, Any]) -> str:
    if commit["landed"]:
        return f"landed, position {commit['position']:,}"
    return "lost" if commit["lost"] else "side branch"
