"""What `auditor doctor` says of this machine."""

from __future__ import annotations

import shutil

import pytest

from auditor.doctor import examine


def test_programs_and_packages_of_signatures_and_forges_are_told() -> None:
    parts = {part.name: part for part in examine({})}
    assert {
        "gpg",
        "gpgsm",
        "ssh-keygen",
        "gitsign",
        "cryptography",
        "httpx2",
        "stamina",
        "regex",
    } <= parts.keys()
    for name in ("gpg", "gpgsm", "ssh-keygen", "gitsign"):
        assert parts[name].present is (shutil.which(name) is not None)
        assert not parts[name].required
        assert parts[name].remedy


@pytest.mark.parametrize("name", ["AUDITOR_FORGE_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "GITEA_TOKEN"])
def test_a_token_is_told_by_its_name_and_never_by_its_value(name: str) -> None:
    (part,) = [part for part in examine({name: "s3cret"}) if part.name == "forge token"]
    assert (part.present, part.version) == (True, name)
    assert "s3cret" not in repr(examine({name: "s3cret"}))


def test_no_token_is_absent_and_not_required() -> None:
    (part,) = [part for part in examine({"AUDITOR_FORGE_TOKEN": ""}) if part.name == "forge token"]
    assert (part.present, part.required, part.version) == (False, False, "")


def test_the_tokens_are_those_that_the_forges_read() -> None:
    from auditor.doctor import _TOKENS
    from auditor.forge.forges import FORGES, TOKEN_VARIABLE

    assert set(_TOKENS) == {TOKEN_VARIABLE, *(one.token_variable for one in FORGES.values())}
