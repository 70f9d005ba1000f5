"""The settings of change control: what is written in the documentation works, what makes no sense is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from auditor.changecontrol.judge import RULE_IDS
from auditor.pipeline.evidence.change_options import change_options
from auditor.settings import ChangeControlSetting, Settings
from auditor.settings.template import TEMPLATE

PAGE = (Path(__file__).parents[2] / "docs/change-control.md").read_text(encoding="utf-8")


def test_the_page_names_every_rule_once_and_its_settings_are_read() -> None:
    assert re.findall(r"\]\(rules/(AUD-CHG-\d{4})\.md\)", PAGE) == sorted(RULE_IDS)
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    options = change_options(Settings(**yaml.safe_load(example)).change_control)
    assert options.promotion == ("staging", "production")
    assert [freeze.name for freeze in options.freezes] == ["year end", "week-ends"]
    assert options.freezes[0].start is not None
    assert options.freezes[0].start.isoformat() == "2026-12-20T00:00:00+01:00"
    assert options.hotfix.subject is not None
    assert options.hotfix.subject.search("Hotfix: stop") is not None
    assert options.hotfix.subject.search("hotfixes") is None


def test_the_template_shows_them() -> None:
    block = TEMPLATE[TEMPLATE.index("#change_control:") :].split("\n\n")[0]
    shown = Settings(**yaml.safe_load("\n".join(line[1:] for line in block.splitlines())))
    assert shown.change_control.hotfix.subject == ChangeControlSetting().hotfix.subject
    assert set(yaml.safe_load(block.replace("\n#", "\n").removeprefix("#"))["change_control"]) <= set(
        ChangeControlSetting.model_fields
    )


def test_what_is_not_configured_is_what_the_rules_assume() -> None:
    assert change_options(ChangeControlSetting()).floating_tags == ("latest", "stable", "edge", "nightly")
    assert change_options(ChangeControlSetting()).freezes == ()


@pytest.mark.parametrize(
    ("freeze", "words"),
    [
        ({"name": "x"}, "either"),
        (
            {"name": "x", "weekly": "fri 18:00 - mon 06:00", "start": "2026-01-01", "end": "2026-01-02"},
            "either",
        ),
        ({"name": "x", "start": "2026-01-01"}, "either"),
        ({"name": "x", "start": "2026-01-02", "end": "2026-01-01"}, "ends after"),
        ({"name": "x", "start": "2026-01-01T00:00Z", "end": "2026-01-02T00:00Z"}, "without an offset"),
        ({"name": "x", "weekly": "friday evening"}, "written as"),
        ({"name": "x", "weekly": "fri 24:00 - mon 06:00"}, "written as"),
        ({"name": "x", "weekly": "fri 18:00 - mon 06:00", "zone": "Berlin"}, "no time zone"),
        ({"name": "", "weekly": "fri 18:00 - mon 06:00"}, "at least 1 character"),
    ],
)
def test_a_freeze_that_makes_no_sense_is_refused(freeze: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Settings(change_control={"freezes": [freeze]})


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="no regular expression"):
        Settings(change_control={"tickets": "("})
