"""What is redacted, what is not, and that nothing else changes."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import ConfigurationError
from auditor.manifests.documents import parse
from auditor.manifests.excerpts import excerpt
from auditor.manifests.limits import DEFAULT_LIMITS
from auditor.manifests.reading import read_blob, read_exactly
from auditor.manifests.secrets import CREDENTIAL_PREFIX, SECRET_PREFIX, Redactor

REDACTOR = Redactor(b"k" * 32)

# Assembled, so that no scanner takes this file for a leak.
PEM = "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"
SHAPES = {
    "pem": PEM,
    "pgp": "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----\nxyz\n-----END PGP PRIVATE KEY BLOCK-----",
    "age": "AGE-SECRET-" + "KEY-1" + "Q" * 58,
    "aws": "AKIA" + "QWERTYUIOPASDFGH",
    "github": "ghp" + "_" + "a1B2" * 9,
    "github fine": "github" + "_pat_" + "a1B2" * 8,
    "gitlab": "glpat" + "-" + "a1B2c3D4e5F6g7H8i9J0",
    "slack": "xox" + "b-123456789012-abcdefghij",
    "google": "AIza" + "a1B2c" * 7,
    "stripe": "sk" + "_live_" + "a1B2c3D4e5F6g7H8",
    "openai": "sk" + "-proj-a1B2c3D4e5F6g7H8i9J0",
    "jwt": "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4",
    "npm": "npm" + "_" + "a1B2" * 9,
    "vault": "hvs." + "a1B2c3D4e5F6g7H8i9J0k1L2",
    "bcrypt": "$2b$" + "12$" + "a" * 53,
    "slack hook": "https://hooks.slack.com/services/" + "T0000000/B0000000/a1B2c3D4e5F6g7H8",
    "url": "postgres://app:" + "hunter2@db:5432/x",
    "bearer": "Authorization: Bearer " + "a1B2c3D4e5F6g7H8i9J0",
}


@pytest.mark.parametrize("value", SHAPES.values(), ids=SHAPES)
def test_shapes_of_credentials(value: str) -> None:
    for text in (value, f"some words, then {value} and more"):
        redacted = REDACTOR.redact({"kind": "ConfigMap", "data": {"x": text}})["data"]["x"]
        assert CREDENTIAL_PREFIX in redacted
        assert REDACTOR.redact_text(text) == redacted
    for secret in ("hunter2", "a1B2", "MIIEp", "QWERTY", "QQQQ", "SflKx", "aaaaa"):
        assert secret not in redacted


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n-----END PGP PUBLIC KEY BLOCK-----",
        "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        "postgres://app:${PASSWORD}@db/x",
        "postgres://app:$(PASSWORD)@db/x",
        "https://user:{{ .password }}@example.org",
        "https://user:password@example.org",
        "oci://ghcr.io/org/chart:1.2.3@sha256:0123456789abcdef",
        "https://example.org:8080/@scope/package",
        "disk-a1B2c3D4e5F6g7H8i9J0k1L2",
        "task-runner-for-the-nightly-build-2024",
        "see https://hooks.slack.com/services/ for more",
        "eyJhbGciOiJIUzI1NiJ9",
        "image: ghcr.io/org/app@sha256:" + "a1" * 32,
    ],
)
def test_texts_that_are_no_credentials(text: str) -> None:
    assert REDACTOR.redact_text(text) == text
    assert REDACTOR.redact({"x": text}) == {"x": text}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "hunter2"),
        ("password", "S3cr3t!pass word".replace(" ", "")),
        ("adminPassword", "correct-horse"),
        ("DB_PASSWORD", "jellyfin-backup"),
        ("DB_PASS", "unifipoller"),
        ("root_passwd", "x9!kq"),
        ("password", 123456),
        ("apiKey", "a1b2c3d4e5f6a7b8"),
        ("API_KEY", "a1b2c3d4e5f6a7b8"),
        ("secretKey", "Zm9vYmFyYmF6cXV4MTIz"),
        ("token", "722c9e7d-0103-42a8-82fd-9bb46868c5c4"),
        ("clientSecret", "q8Kd02mXz71LpQ"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI7K7MDENG"),
    ],
)
def test_names_of_credentials(name: str, value: object) -> None:
    for manifest in ({"values": {name: value}}, {"env": [{"name": name, "value": value}]}):
        assert str(value) not in json.dumps(REDACTOR.redact(manifest))
    assert REDACTOR.redact({"secretGenerator": [{"literals": [f"{name}={value}"]}]}) != {}
    literals = REDACTOR.redact({"secretGenerator": [{"literals": [f"{name}={value}", "a=b"]}]})
    assert literals["secretGenerator"][0]["literals"][0].startswith(f"{name}={CREDENTIAL_PREFIX}")
    assert literals["secretGenerator"][0]["literals"][1] == "a=b"


@pytest.mark.parametrize(
    "manifest",
    [
        {"secretName": "web-tls-2024"},
        {"existingSecret": "oauth2-proxy-config"},
        {"tokenPath": "/var/run/secrets/token"},
        {"passwordKey": "admin-password1"},
        {"bearerTokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token"},
        {"env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]},
        {"env": [{"name": "DB_PASSWORD", "value": "$(OTHER)"}]},
        {"env": [{"name": "DB_PASSWORD", "value": "${DB_PASSWORD}"}]},
        {"env": [{"name": "DB_PASSWORD_FILE", "value": "/run/secrets/db"}]},
        {"env": [{"name": "TOKEN_URL", "value": "https://example.org/oidc/token"}]},
        {"password": ""},
        {"password": None},
        {"password": True},
        {"password": "none"},
        {"password": "<your password>"},
        {"password": "{{ .Values.password }}"},
        {"password": "ENC[AES256_GCM,data:x,type:str]"},
        {"password": "op://vault/item/field"},
        {"password": "password"},
        {"password": "**********"},
        {"auth": {"existingSecret": "redis", "secretKeys": {"adminPassword": "redis-password"}}},
        {
            "kind": "ExternalSecret",
            "spec": {"data": [{"secretKey": "API_KEY", "remoteRef": {"key": "app", "property": "api_key1"}}]},
        },
        {"kind": "ExternalSecret", "spec": {"target": {"template": {"data": {"password": "{{ .X }}"}}}}},
        {"kind": "SealedSecret", "spec": {"encryptedData": {"password": "AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq"}}},
        {"automountServiceAccountToken": False},
        {"tokenExpirationSeconds": 3600},
        {"nginx.ingress.kubernetes.io/auth-secret": "basic-auth-1"},
        {"volumes": [{"name": "token", "secret": {"secretName": "x"}}]},
        {"cert-manager.io/inject-ca-from-secret": "cert-manager/webhook-tls"},
        {"imagePullSecret": "registry-credentials-2"},
        {"maxTokens": 4096},
    ],
)
def test_traps(manifest: dict[str, Any]) -> None:
    assert REDACTOR.redact(manifest) == manifest


def secret(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, **fields}


def test_every_value_of_a_secret_goes() -> None:
    redacted = REDACTOR.redact(
        secret(data={"a": "aHVudGVyMg==", "b": 5}, stringData={"c": "plain", "d": {"x": 1}})
    )
    values = [*redacted["data"].values(), *redacted["stringData"].values()]
    assert len(values) == 4
    assert all(value.startswith(SECRET_PREFIX) and len(value) == len(SECRET_PREFIX) + 16 for value in values)
    assert redacted["metadata"] == {"name": "x"}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "${PASSWORD}",
        "$(PASSWORD)",
        "{{ .password }}",
        "<path:kv/data/x#y>",
        "<placeholder>",
        "ENC[AES,data:x]",
        "op://a/b/c",
        "vault:kv/data/x#y",
    ],
)
def test_placeholders_in_a_secret_stay(value: str) -> None:
    manifest = secret(stringData={"a": value})
    assert REDACTOR.redact(manifest) == manifest


@pytest.mark.parametrize("value", ["${PASSWORD:=hunter2}", "x${A}", '{{ "hunter2" }}', "a b <c>"])
def test_what_only_looks_like_a_placeholder_goes(value: str) -> None:
    assert REDACTOR.redact(secret(stringData={"a": value}))["stringData"]["a"].startswith(SECRET_PREFIX)


def test_data_and_string_data_of_one_text_have_one_digest() -> None:
    encoded = base64.b64encode("pässword\n".encode()).decode()
    redacted = REDACTOR.redact(
        secret(data={"a": encoded, "b": f"{encoded[:4]}\n {encoded[4:]}"}, stringData={"a": "pässword\n"})
    )
    assert redacted["data"]["a"] == redacted["data"]["b"] == redacted["stringData"]["a"]
    assert REDACTOR.redact(secret(data={"a": "not base64!"}))["data"]["a"].startswith(SECRET_PREFIX)


def test_the_key_matters_and_must_be_long() -> None:
    other = Redactor(b"x" * 200)
    assert other.digest("a") != REDACTOR.digest("a")
    assert REDACTOR.digest("a") == REDACTOR.digest(b"a")
    with pytest.raises(ConfigurationError):
        Redactor(b"short")


def test_secrets_within_other_objects() -> None:
    inner = secret(stringData={"a": "hunter2"})
    for manifest in (
        {"kind": "List", "items": [inner]},
        {"kind": "HelmRelease", "spec": {"values": {"extraObjects": [inner]}}},
        {
            "metadata": {
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(inner)}
            }
        },
        {
            "patches": [
                {
                    "patch": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\nstringData:\n  a: hunter2\n  b: |\n    hunter2\n    more\n"
                }
            ]
        },
        {"data": {"x.json": json.dumps(inner, indent=2)}},
    ):
        assert "hunter2" not in json.dumps(REDACTOR.redact(manifest))


def test_redaction_is_idempotent_and_changes_nothing_given() -> None:
    manifest = secret(stringData={"a": "hunter2"}, spec={"password": "correct-horse", "url": SHAPES["url"]})
    before = copy.deepcopy(manifest)
    once = REDACTOR.redact(manifest)
    assert manifest == before
    assert REDACTOR.redact(once) == once


KEYS = st.sampled_from(
    [
        "kind",
        "name",
        "value",
        "data",
        "stringData",
        "password",
        "token",
        "spec",
        "env",
        "literals",
        "sops",
        "x",
    ]
)
LEAVES = st.one_of(
    st.sampled_from(
        [
            "Secret",
            "DB_PASSWORD",
            "hunter2",
            "a=b",
            "password=hunter22",
            "kind: Secret\ndata:\n  a: b",
            *SHAPES.values(),
        ]
    ),
    st.text(max_size=20),
    st.integers(),
    st.none(),
)
MANIFESTS = st.dictionaries(
    KEYS,
    st.recursive(
        LEAVES,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
        max_leaves=10,
    ),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(MANIFESTS)
def test_what_the_text_rules_out_is_not_there(manifest: dict[str, Any]) -> None:
    """Skipping the walk by what the file's text shows gives the same as the whole walk."""
    import yaml

    for content in (json.dumps(manifest, ensure_ascii=False), yaml.safe_dump(manifest, allow_unicode=True)):
        blob = read_blob(content.encode("utf-8", "replace"), DEFAULT_LIMITS)
        (document,) = blob.documents
        assert isinstance(document.value, dict)
        assert blob.redact(REDACTOR, document.value) == REDACTOR.redact(document.value)


def test_parse_gives_redacted_documents_only() -> None:
    content = b"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {x: hunter2}\n"
    assert b"hunter2" not in repr(parse(content, redactor=REDACTOR)).encode()


# --- excerpts -------------------------------------------------------------------------------------------


FILE = """# top, password: hunter2x
apiVersion: v1
kind: Secret   # its comment
metadata:
  name: &name x
stringData:
  password: &p hunter2   # was password: hunter3
  'quoted key': 'hunter2'
  block: |
    hunter2
    more
  ref: ${X}
  again: *p
  flow: {a: hunter2}
---
apiVersion: apps/v1
kind: Deployment
spec:
  env:
    - {name: DB_PASSWORD, value: hunter2!}
    - name: URL
      value: postgres://u:hunter2@host/db
  script: |
    curl https://a:hunter2@example.org/
    echo hi
"""


def test_an_excerpt_keeps_every_line_and_no_secret() -> None:
    shown = excerpt(FILE.encode(), REDACTOR)
    assert "hunter" not in shown
    assert shown.count("\n") == FILE.count("\n")
    for number, line in (
        (2, "apiVersion: v1"),
        (3, "kind: Secret   # its comment"),
        (12, "  ref: ${X}"),
        (16, "apiVersion: apps/v1"),
        (25, "    echo hi"),
    ):
        assert shown.split("\n")[number - 1] == line


@pytest.mark.parametrize(
    "text",
    [
        "kind: Secret\nstringData:\n  a: hunter2\nbad: [\n",
        "kind: Secret\ndata: {a: hunter2\n",
        "kind: Secret\nstringData:\n  a: |\n    hunter2\n   bad\n  b: hunter2\n",
        "x: {{ y }}\npassword: hunter2\n",
        "kind: Secret\nstringData:\n  - hunter2\n\tb: hunter2\n",
        '{"kind": "Secret", "stringData": {"a": "hunter2"},}',
        "kind: Secret\nstringData:\n  a: hunter2\n  a: x\n",
        "kind: Secret\n# a: hunter2\nstringData: {}\n",
        "kind: Secret\nbase: &b {a: hunter2}\nstringData:\n  <<: *b\n",
        "base: &b hunter2\n---\nkind: Secret\nstringData: {a: *b}\n",
        "kind: List\nitems:\n- kind: Secret\n  stringData:\n    a: hunter2\n",
        "kind: Secret\nstringData:\n  ? a\n  : hunter2\n",
        'kind: Secret\nstringData:\n  a: "hun\\\n    ter2 hunter2"\n',
    ],
)
def test_an_excerpt_of_a_strange_file_shows_no_secret(text: str) -> None:
    assert "hunter2" not in excerpt(text.encode(), REDACTOR).replace("base: &b hunter2", "")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_an_excerpt_of_anything_never_raises(content: bytes) -> None:
    excerpt(content, REDACTOR)
    excerpt(b"kind: Secret\nstringData:\n" + content, REDACTOR)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=30), max_size=4),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, '"', "'", "|", ">"]),
)
def test_an_excerpt_hides_whatever_a_secret_holds(
    values: dict[str, str], flow: bool | None, style: str | None
) -> None:
    import yaml

    hidden = {key: f"hunter2 {value} hunter2" for key, value in values.items()}
    manifest = {"apiVersion": "v1", "kind": "Secret", "stringData": hidden}
    text = yaml.safe_dump(manifest, default_flow_style=flow, default_style=style, allow_unicode=True)
    assert "hunter2" not in excerpt(text.encode("utf-8", "replace"), REDACTOR)


TOKEN = SHAPES["github"]
KEYS = st.sampled_from(
    [
        "name",
        "value",
        "kind",
        "data",
        "stringData",
        "literals",
        "password",
        "token",
        "apiKey",
        "secretName",
        "sops",
        "existingSecret",
        "env",
        "x",
        "pass\\word",
        "DB_PASSWORD",
        "kubectl.kubernetes.io/last-applied-configuration",
    ]
)
TEXTS = st.sampled_from(
    [
        "Secret",
        "ConfigMap",
        "hunter2hunter2",
        "DB_PASSWORD",
        "${X}",
        "password",
        "true",
        "",
        "a: b",
        TOKEN,
        f"x\n{TOKEN}",
        f"Bearer {TOKEN}",
        "https://u:hunter2@example.org/",
        f'"{TOKEN}"',
        "A=hunter2",
        "PASSWORD=hunter2hunter2",
        "kind: Secret\ndata:\n  a: hunter2\n",
        '{"kind":"Secret","data":{"a":"hunter2"}}',
        "kind:\n  Secret\ndata: {a: b}",
        '{"spec":{"password":"hunter2hunter2"}}',
        'say "kind":\n\tSecret data',
    ]
)
TREES = st.recursive(
    TEXTS | st.integers(-5, 99999) | st.floats(0, 1e6) | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.fixed_dictionaries({"name": TEXTS, "value": TEXTS})
    ),
    max_leaves=12,
)


@settings(max_examples=1000, deadline=None)
@given(
    st.dictionaries(KEYS, TREES, max_size=4),
    st.sampled_from(["json", "block", "flow", "quoted", "literal", "narrow"]),
)
def test_what_is_not_looked_at_closely_holds_no_secret(tree: dict[str, Any], form: str) -> None:
    """A document is walked only where a line of it may hold a secret: the outcome is that of a walk."""
    import yaml

    manifest = {"apiVersion": "v1", "kind": "A", **tree}
    if not isinstance(manifest["kind"], str) or not manifest["kind"]:
        return
    options: dict[str, dict[str, Any]] = {
        "block": {"default_flow_style": False},
        "flow": {"default_flow_style": True},
        "quoted": {"default_style": '"'},
        "literal": {"default_style": "|"},
        "narrow": {"default_flow_style": False, "width": 10},
    }
    text = json.dumps(manifest) if form == "json" else yaml.safe_dump(manifest, **options[form])
    expected = [REDACTOR.redact(read.value) for read in read_exactly(text.encode(), DEFAULT_LIMITS).documents]
    assert [document.manifest for document in parse(text.encode(), redactor=REDACTOR).documents] == expected


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("MYSQL_ROOT_PASSWORD", "fake_password", True),
        ("MYSQL_ROOT_PASSWORD", "my-secret-pw", True),
        ("API_KEY", "open-sesame-right-now-4", True),
        ("MYSQL_ROOT_PASSWORD", "$(OTHER)", False),
        ("MYSQL_ROOT_PASSWORD", "/run/secrets/mysql", False),
        ("MYSQL_PASSWORD_FILE", "open-sesame", False),
        ("TLS_SECRET", "web-tls", False),
        ("PASSWORD_SECRET_NAME", "web-db", False),
        ("DB_EXISTING_SECRET_NAME", "web-db", False),
        ("GITHUB_TOKEN", "optional", False),
    ],
)
def test_what_a_container_is_given_is_no_objects_name(name: str, value: str, hidden: bool) -> None:
    container = {"name": "db", "env": [{"name": name, "value": value}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [container]}}
    redacted = Redactor(b"k" * 32).redact(pod)
    assert (redacted["spec"]["containers"][0]["env"][0]["value"] != value) is hidden


@pytest.mark.parametrize(
    ("key", "value", "hidden"),
    [
        ("api_key", "open-sesame-right-now-4", True),
        ("password", "correct horse battery", True),
        ("token", "web-token", True),
        ("token", "30s", False),
        ("password", "***", False),
        ("password", "./password.txt", False),
        ("secret", "arn:aws:secretsmanager:eu-1:1:secret:x", False),
        ("secret_name", "web-db", False),
        ("existingSecret", "web-db", False),
    ],
)
def test_strictly_words_name_nothing(key: str, value: str, hidden: bool) -> None:
    assert (Redactor(b"k" * 32).redact({key: value}, strict=True)[key] != value) is hidden
