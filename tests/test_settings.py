"""`auditor.yaml`: what it says counts, and a slip of the pen is told with its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from histories.audits import Audit
from histories.builder import History
from histories.manifests import pod

from auditor.errors import ConfigurationError
from auditor.model import ActorKind
from auditor.settings import Settings, load_settings
from auditor.settings.template import TEMPLATE


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "auditor.yaml"


def test_defaults_without_a_file(file: Path) -> None:
    assert not file.exists()
    assert load_settings() == Settings()
    with pytest.raises(ConfigurationError, match=r"no configuration file .*other\.yaml"):
        load_settings(Path("other.yaml"))


def test_the_file_of_the_working_folder_counts(file: Path) -> None:
    file.write_text("engine: embedded\nexclude: ['docs/**']\nactors: [{kind: bot, email: x@example.org}]\n")
    settings = load_settings()
    assert (settings.engine, settings.exclude) == ("embedded", ("docs/**",))
    assert settings.actors[0].kind is ActorKind.BOT


def test_an_empty_file_is_the_defaults(file: Path) -> None:
    for content in ("", "# only a remark\n", "---\n", "version: 1\n"):
        file.write_text(content)
        assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("engin: opa\n", ["engin: unknown key", "engine"]),
        ("environment: []\n", ["environment: unknown key", "environments"]),
        ("policies: {folder: [x]}\n", ["policies.folder: unknown key", "folders"]),
        ("environments: [{path: a, nam: b}]\n", ["environments.0.nam: unknown key", "name"]),
        ("clusters: {prod: {enviroment: x}}\n", ["clusters.prod.enviroment: unknown key", "environment"]),
        ("engine: rego\n", ["engine: ", "'embedded'"]),
        ("version: 2\n", ["version: "]),
        ("kubernetes_version: 1.30\n", ["kubernetes_version: ", "string"]),
        ("exclude: docs\n", ["exclude: "]),
        ("actors: [{kind: robot}]\n", ["actors.0.kind: ", "'bot'"]),
        ("environments: {a: b}\n", ["environments: "]),
        ("- a\n- b\n", ["auditor.yaml"]),
        ("just words\n", ["auditor.yaml"]),
        ("42\n", ["auditor.yaml"]),
        ("a: [\n", ["auditor.yaml", "not readable"]),
        ("a: b: c\n", ["auditor.yaml", "not readable"]),
        ("engine: opa\nengine: embedded\n", ["auditor.yaml", "'engine' is given twice", "line 2"]),
        ("policies: {parameters: {}, parameters: {}}\n", ["'parameters' is given twice"]),
        ("1: x\n", ["auditor.yaml"]),
        ("? [a, b]\n: x\n", ["auditor.yaml"]),
        ("x: !!python/object/apply:os.system ['true']\n", ["auditor.yaml"]),
    ],
)
def test_mistakes_are_named(file: Path, content: str, words: list[str]) -> None:
    file.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    for word in words:
        assert word in str(caught.value)
    assert "auditor init" in str(caught.value)


def test_bytes_that_are_no_text(file: Path) -> None:
    file.write_bytes(b"engine: \xff\xfe\n")
    with pytest.raises(ConfigurationError, match=r"auditor\.yaml"):
        load_settings()


def test_the_environment_overrides_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("engine: opa\nopa_url: http://file\n")
    monkeypatch.setenv("AUDITOR_ENGINE", "embedded")
    monkeypatch.setenv("AUDITOR_OPA_TOKEN", "sesame")
    monkeypatch.setenv("AUDITOR_POLICIES__FOLDERS", '["mine"]')
    monkeypatch.setenv("AUDITOR_DB", "elsewhere.duckdb")
    settings = load_settings()
    assert (settings.engine, settings.opa_url, settings.opa_token) == ("embedded", "http://file", "sesame")
    assert settings.policies.folders == (Path("mine"),)
    assert "sesame" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [("AUDITOR_ENGINE", "rego"), ("AUDITOR_ENVIRONMENTS", "not json"), ("AUDITOR_EXCLUDE", "{")],
)
def test_a_wrong_value_in_the_environment(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert name.removeprefix("AUDITOR_").lower() in str(caught.value).lower()


def test_a_dotenv_file_is_not_read(file: Path) -> None:
    (file.parent / ".env").write_text("AUDITOR_ENGINE=embedded\n")
    assert load_settings().engine == "auto"


def test_the_template_is_the_defaults_and_its_remarks_are_valid(file: Path) -> None:
    file.write_text(TEMPLATE)
    assert load_settings() == Settings()
    lines = [re.sub(r"^#(?=  |[a-z])", "", line) for line in TEMPLATE.splitlines()]
    file.write_text("\n".join(lines))
    assert set(yaml.safe_load(file.read_text())) <= set(Settings.model_fields)
    load_settings()


def test_what_decides_reading_is_in_the_digest() -> None:
    digests = {
        Settings(**values).reading_digest
        for values in (
            {},
            {"exclude": ("a",)},
            {"exclude": ("b",)},
            {"actors": [{"kind": "bot", "name": "x"}]},
            {"environments": [{"path": "a", "name": "b"}]},
        )
    }
    assert len(digests) == 5
    assert Settings(engine="opa").reading_digest == Settings().reading_digest


def test_the_audited_repositorys_own_file_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = History(tmp_path / "repo")
    story.commit(
        "bad",
        {
            "auditor.yaml": "exclude: ['**']\nopa_url: http://localhost:1\nengine: opa\n",
            "web.yaml": pod(privileged=True),
        },
    )
    story.check_out()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("AUDITOR_ENGINE", "embedded")
    audit = Audit(story.path, tmp_path / "audit" / "a.duckdb", settings=load_settings())
    audit.scan()
    assert audit.rows("SELECT name FROM found") == [("web",)]
