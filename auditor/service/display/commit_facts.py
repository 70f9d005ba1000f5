"""What a commit claims to be, as the pages of a commit and of a finding about it show it."""

from __future__ import annotations

from collections.abc import Mapping
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
            ("Kind of actor", labels.actor_kind(commit["actor_kind"])),
        ]
    )
    signature = " ".join(part for part in (commit["signature_format"], commit["signature_status"]) if part)
    tables.facts(
        [
            ("Repository", commit["repo"]),
            ("Place", f"landed, position {commit['position']:,}" if commit["landed"] else "side branch"),
            ("Pull request named in the message", commit["pull_request"]),
            ("Signature", signature),
            ("Signer", commit["signer"]),
        ]
    )
    st.caption(
        "Names, addresses, times and messages are what the commit claims. A signature is the only part that can be proven."
    )
    st.code(commit["sha"], language=None)
