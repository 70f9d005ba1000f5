"""The frame around every page: navigation, the choice of repository, the error that explains itself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from auditor import __version__
from auditor.errors import AuditorError
from auditor.service import context
from auditor.service.display import frame, text
from auditor.store.pages import overview

ASSETS = Path(__file__).parent / "assets"

st.set_page_config(
    page_icon=str(ASSETS / "icon.svg"),
    layout="wide",
    initial_sidebar_state=240,
    menu_items={"About": f"auditor {__version__}: policy and audit for GitOps repositories."},
)
st.logo(ASSETS / "logo.svg", size="medium")

page = st.navigation(
    [
        st.Page(frame.OVERVIEW, title="Overview", icon=":material/dashboard:", default=True),
        st.Page(frame.FINDINGS, title="Findings", icon=":material/rule:", url_path="findings"),
        st.Page(frame.COMMITS, title="Audit trail", icon=":material/history:", url_path="commits"),
        st.Page(frame.IMAGES, title="Images", icon=":material/deployed_code:", url_path="images"),
        st.Page(frame.DRIFT, title="Drift", icon=":material/compare_arrows:", url_path="drift"),
        st.Page(frame.COMPLIANCE, title="Compliance", icon=":material/checklist:", url_path="compliance"),
        st.Page(frame.RUNS, title="Runs and coverage", icon=":material/fact_check:", url_path="runs"),
        st.Page(frame.INTEGRITY, title="Integrity", icon=":material/verified_user:", url_path="integrity"),
        st.Page(frame.FINDING, title="Finding", url_path="finding", visibility="hidden"),
        st.Page(frame.COMMIT, title="Commit", url_path="commit", visibility="hidden"),
        st.Page(frame.RESOURCE, title="Resource", url_path="resource", visibility="hidden"),
        st.Page(frame.DIFFERENCE, title="Difference", url_path="difference", visibility="hidden"),
    ]
)

st.set_page_config(page_title=f"{page.title} · auditor")

try:
    served = context.current()
    with served.cursor() as cursor:
        repositories = overview.repositories(cursor)
except AuditorError as problem:
    frame.stop(problem)

if len(repositories) > 1:
    st.sidebar.selectbox(
        "Repository",
        repositories,
        index=None,
        key="repo",
        bind="query-params",
        placeholder="All repositories",
    )
st.sidebar.caption(text.heading(f"{served.database.path.name}, read-only. Times are in UTC."))

try:
    page.run()
except AuditorError as problem:
    frame.stop(problem)
