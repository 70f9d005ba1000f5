"""Terraform and Dockerfiles in a history: their findings have lifetimes, their blocks have changes, as manifests have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from histories.audits import Audit
from histories.builder import ANN, BEA, Content, History, Person
from histories.manifests import pod

from auditor.store.database import open_database
from auditor.store.landed import LandedEvidence

PUBLIC_BUCKET, OPEN_FIREWALL, OPEN_SECRET = "AUD-TF-0005", "AUD-TF-0008", "AUD-TF-0009"
NO_VERSION, BUILT_IN_SECRET, UNREADABLE = "AUD-DOCK-0001", "AUD-DOCK-0005", "AUD-YAML-0001"
BUCKETS_WITHOUT_BLOCK = "AUD-TF-0007"

NOT_UTF8 = b"\xff\xfe"


def bucket(name: str = "logs", acl: str = "public-read") -> str:
    """A bucket's block; only its ACL makes it public."""
    return f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "{name}"\n  acl    = "{acl}"\n}}\n'


def dockerfile(image: str = "debian", *more: str) -> str:
    """A Dockerfile that runs as somebody."""
    return "\n".join((f"FROM {image}", *more, "USER 1000", ""))


BAD, GOOD = bucket(), bucket(acl="private")
BROKEN = 'resource "aws_s3_bucket" "logs" {\n  acl = \n}\n'


class Told:
    """A history that is scanned as it is told, or at its end."""

    def __init__(self, story: History, audit: Audit, in_steps: bool) -> None:
        self.story, self.audit, self._in_steps = story, audit, in_steps

    def commit(self, files: dict[str | bytes, Content] | None = None, **named) -> str:
        sha = self.story.commit("change", files, **named)
        if self._in_steps:
            self.audit.scan()
        return sha

    def lives(self, rule: str) -> list[tuple[str, str, str, str]]:
        self.audit.scan()
        return self.audit.lives(rule)

    def changes(self) -> list[tuple[str, ...]]:
        """Of each block or Dockerfile: sha, change, kind, namespace, name, path."""
        self.audit.scan()
        return self.audit.rows(
            "SELECT sha, change, kind, namespace, name, path FROM resource_changes"
            " WHERE api_version IN ('terraform/v1', 'docker/v1') ORDER BY landed, sha, kind, namespace, name, change"
        )


@pytest.fixture(params=["at once", "in steps"])
def told(story: History, audit: Audit, request: pytest.FixtureRequest) -> Told:
    return Told(story, audit, request.param == "in steps")


def test_a_finding_in_terraform_opens_and_is_fixed(told: Told) -> None:
    told.commit({"infra/main.tf": GOOD})
    two = told.commit({"infra/main.tf": "# ours\n" + BAD}, by=BEA)
    told.commit({"README.md": "x"})
    four = told.commit({"infra/main.tf": GOOD}, by=ANN)
    assert told.lives(PUBLIC_BUCKET) == [("logs", "infra/main.tf", two, four)]
    assert told.audit.rows(
        "SELECT opened_by, fixed_by, api_version, kind, namespace, pointer, line FROM found WHERE rule_id = ?",
        PUBLIC_BUCKET,
    ) == [(str(BEA), str(ANN), "terraform/v1", "aws_s3_bucket", "infra", "body.acl", 2)]


def test_a_finding_in_a_dockerfile_opens_and_is_fixed(told: Told) -> None:
    one = told.commit({"web/Dockerfile": dockerfile()})
    two = told.commit({"web/Dockerfile": dockerfile("debian:12.5")})
    three = told.commit({"web/Dockerfile": dockerfile()})
    assert told.lives(NO_VERSION) == [
        ("web/Dockerfile", "web/Dockerfile", one, two),
        ("web/Dockerfile", "web/Dockerfile", three, ""),
    ]


def test_what_a_side_branch_brings_in_is_its_authors(told: Told) -> None:
    root = told.commit({"infra/main.tf": GOOD})
    told.story.branch("side", root)
    told.commit({"infra/main.tf": BAD}, branch="side", by=BEA)
    merge = told.story.merge("side", by=ANN)
    assert told.lives(PUBLIC_BUCKET) == [("logs", "infra/main.tf", merge, "")]
    assert told.audit.rows("SELECT opened_by FROM found WHERE rule_id = ?", PUBLIC_BUCKET) == [(str(BEA),)]


def test_a_block_in_another_file_of_its_module_is_the_same_resource(told: Told) -> None:
    one = told.commit({"infra/main.tf": BAD})
    two = told.commit(moves={"infra/main.tf": "infra/storage.tf"})
    three = told.commit({"infra/storage.tf": None, "infra/other.tf": "# moved\n" + bucket() + bucket("more")})
    assert told.lives(PUBLIC_BUCKET) == [
        ("logs", "infra/other.tf", one, ""),
        ("more", "infra/other.tf", three, ""),
    ]
    assert {change[0:2] + change[4:] for change in told.changes()} == {
        (one, "added", "logs", "infra/main.tf"),
        (two, "moved", "logs", "infra/storage.tf"),
        (three, "moved", "logs", "infra/other.tf"),
        (three, "added", "more", "infra/other.tf"),
    }


def test_a_block_in_another_module_is_another_resource(told: Told) -> None:
    one = told.commit({"a/main.tf": BAD})
    two = told.commit(moves={"a/main.tf": "b/main.tf"})
    assert told.lives(PUBLIC_BUCKET) == [("logs", "a/main.tf", one, two), ("logs", "b/main.tf", two, "")]
    assert {change[0:4] for change in told.changes()} == {
        (one, "added", "aws_s3_bucket", "a"),
        (two, "added", "aws_s3_bucket", "b"),
        (two, "deleted", "aws_s3_bucket", "a"),
    }


def test_a_dockerfile_under_another_name_is_another(told: Told) -> None:
    one = told.commit({"web/Dockerfile": dockerfile()})
    two = told.commit(moves={"web/Dockerfile": "web/Dockerfile.dev"})
    assert [life[1:] for life in told.lives(NO_VERSION)] == [
        ("web/Dockerfile", one, two),
        ("web/Dockerfile.dev", two, ""),
    ]


def test_fields_are_told_by_the_address_of_the_block(told: Told) -> None:
    told.commit({"infra/main.tf": GOOD})
    two = told.commit({"infra/main.tf": BAD})
    # Both at once: the versions meet in no file, and are compared afterwards.
    three = told.commit({"infra/main.tf": None, "infra/other.tf": "\n\n" + bucket(acl="log-delivery-write")})
    told.audit.scan()
    assert told.audit.rows(
        "SELECT f.sha, f.kind, f.namespace, f.name, f.pointer, f.old_value, f.new_value"
        " FROM field_changes f JOIN commits c ON c.sha = f.sha"
        " WHERE f.old_value IS NOT NULL AND f.new_value IS NOT NULL ORDER BY c.position"
    ) == [
        (two, "aws_s3_bucket", "infra", "logs", "body.acl", '"private"', '"public-read"'),
        (three, "aws_s3_bucket", "infra", "logs", "body.acl", '"public-read"', '"log-delivery-write"'),
    ]


def test_the_same_bytes_under_many_names_are_many_documents(told: Told) -> None:
    one = told.commit({"a/main.tf": BAD, "README.md": BAD, "notes.txt": BAD})
    two = told.commit({"b/main.tf": BAD, "c/Dockerfile": BAD, "d.yaml": BAD})
    three = told.commit({"a/main.tf": None, "d.yaml": None})
    assert told.lives(PUBLIC_BUCKET) == [("logs", "a/main.tf", one, three), ("logs", "b/main.tf", two, "")]
    assert {life[1] for life in told.lives(UNREADABLE)} == {"c/Dockerfile"}


def test_a_manifest_under_another_formats_name_is_none(told: Told) -> None:
    told.commit({"a.tf": pod(privileged=True), "Dockerfile": pod(privileged=True)})
    told.audit.scan()
    assert told.audit.rows("SELECT DISTINCT rule_id, path FROM found ORDER BY path") == [
        (UNREADABLE, "Dockerfile"),
        (UNREADABLE, "a.tf"),
    ]


@pytest.mark.parametrize("broken", [BROKEN, NOT_UTF8 + BAD.encode()], ids=["syntax", "not UTF-8"])
@pytest.mark.parametrize("mended", [BAD, GOOD], ids=["as it was", "and fixed"])
def test_a_broken_file_stands_for_what_it_said_last(told: Told, broken: Content, mended: str) -> None:
    one = told.commit({"infra/main.tf": BAD})
    told.commit({"infra/main.tf": broken})
    three = told.commit({"infra/main.tf": "# mended\n" + mended})
    assert told.lives(PUBLIC_BUCKET) == [("logs", "infra/main.tf", one, "" if mended is BAD else three)]
    assert {change[0:2] for change in told.changes()} == {(one, "added")} | (
        set() if mended is BAD else {(three, "modified")}
    )


def test_what_a_broken_file_still_says_counts(told: Told) -> None:
    one = told.commit({"infra/main.tf": bucket("one") + bucket("two")})
    two = told.commit({"infra/main.tf": bucket("one", "private") + BROKEN})
    three = told.commit({"infra/main.tf": None})
    assert sorted(told.lives(PUBLIC_BUCKET)) == [
        ("one", "infra/main.tf", one, two),
        ("two", "infra/main.tf", one, three),
    ]
    assert told.lives(UNREADABLE) == [("", "infra/main.tf", two, three)]


def test_a_broken_dockerfile_stands_for_what_it_said_last(told: Told) -> None:
    one = told.commit({"Dockerfile": dockerfile()})
    two = told.commit({"Dockerfile": dockerfile() + "NONESUCH x\n"})
    three = told.commit({"Dockerfile": dockerfile("debian:12.5")})
    assert told.lives(NO_VERSION) == [("Dockerfile", "Dockerfile", one, three)]
    assert told.lives(UNREADABLE) == [("", "Dockerfile", two, three)]


def test_under_a_name_of_another_format_nothing_stands(told: Told) -> None:
    """A manifest that becomes `main.tf` is applied by nobody: that it cannot be read as Terraform hides nothing."""
    one = told.commit({"web.yaml": pod(privileged=True)})
    two = told.commit(moves={"web.yaml": "web.tf"})
    assert told.lives(UNREADABLE) == [("", "web.tf", two, "")]
    assert told.audit.rows("SELECT DISTINCT fixed_sha FROM found WHERE kind = 'Pod'") == [(two,)]
    assert told.audit.rows("SELECT sha, change FROM resource_changes ORDER BY position") == [
        (one, "added"),
        (two, "deleted"),
    ]


def test_rules_over_a_module_see_its_history(told: Told) -> None:
    block = 'resource "aws_s3_bucket_public_access_block" "logs" {\n  bucket = "logs"\n  block_public_acls = true\n  block_public_policy = true\n  ignore_public_acls = true\n  restrict_public_buckets = true\n}\n'
    one = told.commit({"prod/main.tf": GOOD})
    two = told.commit({"prod/block.tf": block})
    told.audit.scan()
    assert told.audit.rows(
        "SELECT name, path, opened_sha, fixed_sha FROM findings WHERE rule_id = ?", BUCKETS_WITHOUT_BLOCK
    ) == [("logs", "prod/main.tf", one, two)]


def test_excluded_files_and_copies_are_not_read(story: History, audit: Audit) -> None:
    story.commit("change", {"a/.terraform/modules/x/main.tf": BAD, "vendor/main.tf": BAD, "b/main.tf": BAD})
    audit.settings = audit.settings.model_copy(update={"exclude": ("vendor",)})
    audit.scan()
    assert [life[1] for life in audit.lives(PUBLIC_BUCKET)] == ["b/main.tf"]


CANARIES = {
    "tf": "correct-horse-battery-1",
    "variable": "tr0ub4dor-and-3-times",
    "tfvars": "swordfish-of-the-day-2",
    "json": "q7Zk2mW9xT4bV8nL3pR6",
    "provider": "9fK3vB7nQ2xW5zT8mL4c",
    "words": "open-sesame-right-now-4",
    "choice": "shibboleth-of-gilead",
    "shell": "behind-the-door-8-keys",
    "quoted": "a door that is shut",
    "start": "knock-three-times",
    "container": "fake_password",
    "env": "a-parrot-that-talks-6",
    "arg": "h4Jc8Qy2Rw6Nd9Xs3Vt7",
    "run": "tr0ub4dor-behind-doors",
    "broken": "ghp_" + "K" * 36,
    "value": "ghp_" + "V" * 36,
    "path": "ghp_" + "P" * 36,
    "folder": "ghp_" + "F" * 36,
    "label": "ghp_" + "L" * 36,
}


def variable_of_a_pod(name: str, value: str) -> str:
    """A Pod whose container is given one variable."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "db"},
            "spec": {
                "containers": [{"name": "db", "image": "db:1", "env": [{"name": name, "value": value}]}]
            },
        }
    )


def secret_files(more: str = "") -> dict[str | bytes, Content]:
    """Secrets in every usual place; `more` makes them others."""
    said = {name: value + more for name, value in CANARIES.items()}
    return {
        "infra/db.tf": f'resource "aws_db_instance" "db" {{\n  password = "{said["tf"]}"\n  tags = {{ note = "{said["value"]}" }}\n}}\n'
        f'variable "db_password" {{\n  default = "{said["variable"]}"\n}}\n'
        f'provider "datadog" {{\n  api_key = "{said["provider"]}"\n  app_key = "x"\n}}\n'
        f'provider "other" {{\n  api_key = "{said["words"]}"\n  token = var.it ? var.one : "{said["choice"]}"\n}}\n'
        f'resource "aws_s3_bucket" "{said["label"]}" {{\n  acl = "public-read"\n}}\n',
        "infra/prod.tfvars": f'db_password = "{said["tfvars"]}"\n',
        "infra/more.tf.json": json.dumps({"provider": {"datadog": {"api_key": said["json"]}}}),
        "infra/broken.tf": f'resource "a" "b" {{\n  token = "{said["broken"]}"\n  x = \n}}\n',
        "web/pod.yaml": variable_of_a_pod("MYSQL_ROOT_PASSWORD", said["container"]),
        f"{CANARIES['folder']}/{CANARIES['path']}.tf": bucket("n" + more) + "terraform {\n}\n",
        f"{CANARIES['folder']}/Dockerfile": dockerfile("debian", f"LABEL a=b{more}"),
        "Dockerfile": dockerfile(
            "debian",
            f"ENV DB_PASSWORD={said['env']}",
            f"ARG API_TOKEN={said['arg']}",
            f"RUN PASSWORD={said['run']} ./setup",
            f"RUN PASSWORD={said['shell']}",
            f"RUN API_KEY='{said['quoted']}' ./setup",
            f"CMD ./serve --token={said['start']}",
        ),
    }


def test_secrets_reach_nothing_that_is_kept(told: Told, tmp_path: Path) -> None:
    told.commit(secret_files())
    told.commit(secret_files("-x"))
    told.commit({"infra/broken.tf": "# mended\n"})
    told.audit.scan()
    kept = json.dumps(told.audit.tables(), default=repr)
    folder = told.audit.database.parent
    written = b"".join(
        file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and "mirrors" not in file.parts and "objects" not in file.parts
    )
    for name, value in CANARIES.items():
        assert value not in kept, name
        assert value.encode() not in written, name
    changed = told.audit.rows(
        "SELECT kind, name, pointer, old_value, new_value FROM field_changes"
        " WHERE pointer IN ('body.password', 'body.default', 'body.api_key', 'body.db_password', 'stages[0].env.DB_PASSWORD')"
        " AND old_value IS NOT NULL AND new_value IS NOT NULL ORDER BY ALL"
    )
    assert {row[0] for row in changed} == {"aws_db_instance", "variable", "provider", "tfvars", "Dockerfile"}
    assert all(old != new for *_, old, new in changed), "another secret has another digest"
    assert {life[0] for life in told.lives(OPEN_SECRET)} >= {"db", "datadog"}
    assert told.lives(BUILT_IN_SECRET)


def test_a_path_with_a_credential_is_read_as_any_other(told: Told) -> None:
    folder, name = CANARIES["folder"], CANARIES["path"]
    one = told.commit({f"{folder}/{name}.tf": BAD, f"{folder}/Dockerfile": dockerfile()})
    two = told.commit({f"{folder}/{name}.tf": GOOD, f"{folder}/Dockerfile": dockerfile("debian:12.5")})
    for rule in (PUBLIC_BUCKET, NO_VERSION):
        [(_, path, opened, fixed)] = told.lives(rule)
        assert (opened, fixed) == (one, two)
        assert folder not in path
    assert told.audit.rows(
        "SELECT count(DISTINCT namespace) FROM found WHERE rule_id = ?", PUBLIC_BUCKET
    ) == [(1,)]


def test_paths_that_are_no_text_are_read(told: Told) -> None:
    one = told.commit({b"caf\xe9/main.tf": BAD, 'a"b:c/main.tf': bucket("quoted")})
    two = told.commit({b"caf\xe9/main.tf": GOOD, 'a"b:c/main.tf': None})
    assert sorted((name, opened, fixed) for name, _, opened, fixed in told.lives(PUBLIC_BUCKET)) == [
        ("logs", one, two),
        ("quoted", one, two),
    ]


def test_in_steps_and_at_once_say_the_same(story: History, tmp_path: Path) -> None:
    steps = Audit(story.path, tmp_path / "steps" / "audit.duckdb")
    for files in (
        {"a/main.tf": BAD, "Dockerfile": dockerfile()},
        {"a/main.tf": BROKEN, "b/main.tf": BAD, "x/Dockerfile": dockerfile()},
        {"a/main.tf": GOOD, "b/main.tf": BROKEN, "Dockerfile": BROKEN, "c.yaml": dockerfile()},
        {"b/main.tf": None, "b/Dockerfile": dockerfile(), "kustomization.yaml": "resources: []\n"},
        {
            "a/more.tf": BAD,
            "Dockerfile": dockerfile("debian:12.5"),
            "k/kustomization.yaml": "resources: []\n",
        },
    ):
        story.commit("change", files)
        steps.scan()
    at_once = Audit(story.path, tmp_path / "once" / "audit.duckdb")
    at_once.scan()
    in_steps, in_one_go = steps.tables(), at_once.tables()
    for table, rows in in_one_go.items():
        assert in_steps[table] == rows, table


def test_what_it_cannot_judge_hinders_nothing_else(story: History, audit: Audit) -> None:
    """No schema, no cluster and no Kubernetes rule is asked about what is no Kubernetes resource."""
    story.commit("change", {"main.tf": GOOD, "Dockerfile": dockerfile("debian:12.5")})
    result = audit.scan()
    assert result.incomplete == ()
    assert audit.rows("SELECT subject, reason FROM gaps WHERE NOT starts_with(subject, 'AUD-CHG')") == []
    assert audit.rows("SELECT kind, namespace, name, path FROM resources ORDER BY kind") == [
        ("Dockerfile", "", "Dockerfile", "Dockerfile"),
        ("aws_s3_bucket", "", "logs", "main.tf"),
    ]


RENOVATE = Person("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com")


def versions(provider: str, image: str, acl: str = "private") -> dict[str | bytes, Content]:
    """What a bot raises: a provider's and a module's version, a base image."""
    return {
        "main.tf": 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "'
        + provider
        + '" }\n  }\n}\n'
        + f'module "net" {{\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "{provider}"\n}}\n'
        + bucket(acl=acl),
        "Dockerfile": dockerfile(image),
    }


def test_a_bot_that_raises_versions_is_in_its_scope(story: History, audit: Audit) -> None:
    story.commit("ours", versions("5.0.0", "debian:12.4"))
    story.commit("raised", versions("5.1.0", "debian:12.5"), by=RENOVATE)
    wrong = story.commit("and opened", versions("5.2.0", "debian:12.6", acl="public-read"), by=RENOVATE)
    audit.scan()
    assert audit.rows(
        "SELECT opened_sha, pointer FROM findings WHERE rule_id = 'AUD-CHG-0017' ORDER BY ALL"
    ) == [(wrong, "body.acl")]


def test_a_base_image_is_no_version_that_is_promoted(story: History, audit: Audit) -> None:
    change_control = audit.settings.change_control.model_copy(update={"promotion": ("staging", "prod")})
    settings = audit.settings.model_copy(update={"change_control": change_control})
    one = story.commit(
        "both",
        {"prod/Dockerfile": dockerfile("example.org/base:1"), "prod/web.yaml": pod(privileged=True)},
    )
    audit.scan(settings=settings)
    assert audit.rows("SELECT opened_sha, path FROM findings WHERE rule_id = 'AUD-CHG-0020'") == [
        (one, "prod/web.yaml")
    ]


def test_the_files_of_a_scan_are_no_opaque_changes(story: History, audit: Audit) -> None:
    """What was read is not looked at again; what only looks like it is."""
    story.commit("change", {"main.tf": GOOD, "Dockerfile": dockerfile(), "logo.png": b"\x89PNG\0"})
    audit.scan()
    with open_database(audit.database) as opened:
        facts = LandedEvidence(opened.cursor().execute, "repo", 1, None)
        found = [row[1] for row in facts.other_files(kustomizations=r"kustomization\.yaml$")]
        facts.close()
    assert found == ["logo.png"]
