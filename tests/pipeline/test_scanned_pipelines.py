"""Pipelines of CI in a history: their findings have lifetimes, and their secrets go nowhere."""

from __future__ import annotations

import json

from histories.audits import Audit
from histories.builder import BEA, History

DEPLOYS, UNVALIDATED = "AUD-CI-0001", "AUD-CI-0008"
WORKFLOW = ".github/workflows/ci.yml"
TOKEN = "open-sesame-right-now-4"


def workflow(command: str, *, on: str = "pull_request") -> str:
    return (
        f"on: {on}\npermissions: {{}}\nenv:\n  API_KEY: {TOKEN}\njobs:\n  web:\n    runs-on: x\n    steps:\n"
        f"      - run: {command} --password={TOKEN}\n"
    )


def test_a_pipeline_that_deploys_opens_a_finding_and_is_mended(story: History, audit: Audit) -> None:
    story.commit("one", {WORKFLOW: workflow("kubeconform .")})
    two = story.commit("two", {WORKFLOW: workflow("kubectl apply -f .")}, by=BEA)
    three = story.commit("three", {WORKFLOW: workflow("kubeconform .")})
    audit.scan()
    assert audit.lives(DEPLOYS) == [(WORKFLOW, WORKFLOW, two, three)]
    assert audit.rows("SELECT opened_by, pointer FROM found WHERE rule_id = ?", DEPLOYS) == [
        (str(BEA), "body.jobs.web.steps[0].run")
    ]
    together = "SELECT opened_sha, fixed_sha FROM findings WHERE rule_id = ?"
    assert audit.rows(together, UNVALIDATED) == [(two, three)]
    assert TOKEN not in json.dumps(audit.tables(), default=repr)
