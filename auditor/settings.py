"""`auditor.yaml`: what the operator decides. Never read from the audited repository's history.

Unknown keys are errors, so that a misspelt one does not silently do nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from auditor.errors import ConfigurationError
from auditor.model import ActorKind, Severity
from auditor.model.people import normal_key

DEFAULT_FILE = "auditor.yaml"
ENVIRONMENT_PREFIX = "AUDITOR_"
"""How the names of environment variables begin that override what the file says."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EnvironmentSetting(_Strict):
    """Files under a glob belong to an environment."""

    path: str = Field(description="glob over repository paths; ** crosses folders")
    name: str = Field(description="the environment's name")


Fingerprint = Annotated[str, AfterValidator(normal_key)]
"""All of a key's fingerprint: hexadecimal (OpenPGP, X.509), or SHA256:… (SSH)."""


class ActorSetting(_Strict):
    """An identity and what kind of actor it is; give an address, a name, or both."""

    kind: ActorKind = Field(description="person, bot, automation or forge")
    email: str = ""
    name: str = ""
    logins: tuple[str, ...] = Field(default=(), description="its accounts on the forge")
    keys: tuple[Fingerprint, ...] = Field(
        default=(), description="fingerprints of the keys that it signs with"
    )
    scope: tuple[str, ...] = Field(
        default=(),
        description="globs over fields that automation may edit; image tags and chart versions by default",
    )


class PersonSetting(_Strict):
    """Somebody known: addresses in commits, accounts on the forge, keys."""

    name: str = Field(min_length=1, description="as reports show it")
    emails: tuple[str, ...] = Field(default=(), description="addresses in commits")
    logins: tuple[str, ...] = Field(
        default=(), description="accounts on the forge; their noreply addresses are known by them"
    )
    keys: tuple[Fingerprint, ...] = Field(default=(), description="fingerprints of signing keys")
    kind: ActorKind = ActorKind.PERSON
    scope: tuple[str, ...] = Field(default=(), description="as for actors, for automation")


class GitsignIdentitySetting(_Strict):
    """Who may sign with gitsign: an issuer, and one of the three ways to say who."""

    issuer: str = Field(min_length=1, description="the OpenID provider, exactly as the certificate has it")
    email: str = Field(default="", description="the address, exactly")
    subject: str = Field(default="", description="any subject, exactly: an address, a workflow's URI")
    subject_regexp: str = Field(
        default="", description="an expression that the whole of a subject has to fit"
    )

    @model_validator(mode="after")
    def _one_of_three(self) -> GitsignIdentitySetting:
        if sum(map(bool, (self.email, self.subject, self.subject_regexp))) != 1:
            raise ValueError("give one of email, subject and subject_regexp")
        return self


class GitsignSetting(_Strict):
    """Whose signatures by gitsign (Sigstore) are trusted. Nothing is fetched: the commit has to hold its log entry."""

    identities: tuple[GitsignIdentitySetting, ...] = Field(min_length=1, description="who may sign")
    trusted_root: Path | None = Field(
        default=None, description="Sigstore's trusted_root.json: authorities, logs and when each was in use"
    )
    fulcio_roots: tuple[Path, ...] = Field(
        default=(), description="PEM files of certificate authorities, roots and those between"
    )
    rekor_keys: tuple[Path, ...] = Field(
        default=(), description="PEM files of transparency logs' public keys"
    )
    ct_log_keys: tuple[Path, ...] = Field(
        default=(),
        description="PEM files of certificate logs' public keys; each certificate must then be in one",
    )


class SignatureSetting(_Strict):
    """Whose signatures are trusted. What is not configured for a format is not checked."""

    openpgp_keys: tuple[Path, ...] = Field(default=(), description="files of public keys, armored or binary")
    ssh_allowed_signers: Path | None = Field(
        default=None, description="a file in git's (ssh-keygen's) allowed signers format"
    )
    ssh_revoked_keys: Path | None = Field(
        default=None, description="a key revocation list, or public keys one a line"
    )
    x509_roots: tuple[Path, ...] = Field(
        default=(), description="PEM files of certificate authorities, roots and those between"
    )
    platform_keys: tuple[str, ...] = Field(
        default=(),
        description="the forge's own keys: fingerprints, or files of OpenPGP keys, which are then trusted",
    )
    gitsign: GitsignSetting | None = Field(
        default=None, description="whose signatures by gitsign are trusted"
    )


class PolicySetting(_Strict):
    """Which rules, with which parameters."""

    folders: tuple[Path, ...] = Field(
        default=(),
        description="folders of further rules, in the rule layout or written for others (docs/foreign-rules.md)",
    )
    parameters: dict[str, dict[str, Any]] = Field(default_factory=dict, description="by rule id")
    workloads: dict[str, str] = Field(
        default_factory=dict,
        description="kinds of your own that make pods, and where each holds the pod specification: "
        "{example.org/Worker: spec.podTemplate.spec}",
    )
    environments: dict[str, dict[str, dict[str, Any]]] = Field(
        default_factory=dict,
        description="parameters that hold in one environment alone, over those for all: by environment, then rule id",
    )
    disabled: tuple[str, ...] = Field(
        default=(), description="ids of rules that are not asked; said to be so, never counted as passed"
    )
    severity: dict[str, Severity] = Field(
        default_factory=dict, description="another severity than the rule's own, by rule id"
    )
    waivers: str = Field(
        default=".auditor/waivers.yaml",
        description="the repository's file of waivers, from its root; '' for none",
    )
    waiver_days_at_most: int = Field(
        default=0, ge=0, description="days between a waiver's `granted` and `expires`; 0 sets no bound"
    )
    never_waived: tuple[str, ...] = Field(
        default=(), description="rules (ids or globs) that no waiver, comment, annotation or baseline excuses"
    )
    inline_suppressions: bool = Field(
        default=True, description="whether comments and annotations in manifests excuse findings"
    )
    foreign_on_embedded: bool = Field(
        default=False,
        description="whether the embedded engine evaluates policies written for conftest or Gatekeeper where there is no "
        "OPA; it may lose findings, so without this they are said to be not evaluated",
    )


class SchemaSetting(_Strict):
    """How manifests are held against schemas. Kubernetes' own are built in; definitions in the repository count."""

    folders: tuple[Path, ...] = Field(
        default=(),
        description="folders of further definitions: CustomResourceDefinitions as YAML at any depth, or JSON Schemas as "
        "group/kind_version.json",
    )
    strict: bool = Field(default=True, description="whether a field that a schema does not know is a finding")
    fail_on_missing: bool = Field(
        default=False, description="whether a kind without schema is a finding (AUD-SCHEMA-0002)"
    )
    ignore_kinds: tuple[str, ...] = Field(
        default=(),
        description="globs of kinds that no schema judges: `example.org/*`, `*/Tenant`, `Secret` in the core group",
    )


class RenderingSetting(_Strict):
    """What charts are rendered with. Nothing is fetched while auditing: `auditor fetch-charts` does that."""

    charts: Path | None = Field(
        default=None,
        description="the folder of fetched charts; ~/.cache/auditor/charts by default. Nobody else should write there",
    )
    repository_urls: tuple[str, ...] = Field(
        default=(),
        description="addresses by which Flux and Argo CD take the audited repository, besides the forge's and the one "
        "that it is read from; without any, a clone's remotes",
    )
    api_versions: tuple[str, ...] = Field(
        default=(),
        description="APIs that charts are told the cluster has, besides Kubernetes' own: monitoring.coreos.com/v1",
    )
    variables: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="by environment, what Flux' `substituteFrom` takes from a cluster that git does not hold. They show "
        "in whatever they are filled into, so no secrets here",
    )
    strict_substitution: bool | None = Field(
        default=None,
        description="whether Flux refuses variables that are not set (its feature gate StrictPostBuildSubstitutions); "
        "by default what the repository's own Flux says, else true as from kustomize-controller 1.9 on",
    )
    fail_on_missing_charts: bool = Field(
        default=False,
        description="whether a chart that was not fetched makes a scan incomplete (exit code 3)",
    )
    history: str = Field(
        default="new",
        pattern=r"^(all|[1-9][0-9]{0,4}d|new|tips)$",
        description="which landings are rendered, besides the tip: all; those of the last days before it (90d); new: "
        "those since the last scan, at most 90 days; tips: none. Where others are, a finding on what is rendered has "
        "the commit that brought it in",
    )


class ClusterSetting(_Strict):
    """A cluster by its name, which environment it should hold, and what Argo CD knows of it."""

    environment: str = ""
    server: str = Field(default="", description="its API address, as Applications name it")
    labels: dict[str, str] = Field(
        default_factory=dict, description="its labels in Argo CD, which ApplicationSets choose by"
    )
    annotations: dict[str, str] = Field(default_factory=dict, description="its annotations in Argo CD")


class ForgeSetting(_Strict):
    """Which forge is asked who requested, reviewed and merged a change. Its token is never written here."""

    kind: Literal["github", "gitlab", "gitea"] = Field(description="gitea is also for Forgejo")
    repository: str = Field(min_length=3, description="owner/name as the forge has it")
    url: str = Field(
        default="",
        description="a server of your own, such as https://git.example.com; the public one by default",
    )
    groups: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="members (accounts) of teams, groups and roles that CODEOWNERS names, such as @acme/platform",
    )


class TrailSetting(_Strict):
    """How the trail's state is signed, and where the signed checkpoints go."""

    key: Path | None = Field(
        default=None, description="the signing key; trail.key beside the database by default"
    )
    verifier_keys: tuple[str, ...] = Field(
        default=(), description="whose checkpoints count: what `auditor trail init` printed"
    )
    copies: tuple[Path, ...] = Field(
        default=(),
        description="folders that every checkpoint is copied to: where the database's owner cannot write",
    )


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone of the IANA database: {name!r} (such as Europe/Berlin)") from error
    return name


Expression = Annotated[str, AfterValidator(_expression)]
"""A regular expression of Python's `re`."""

_WEEKLY = re.compile(
    r"(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):([0-5]\d) - (mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):([0-5]\d)"
)


class FreezeSetting(_Strict):
    """When nothing may land: once, or each week."""

    name: str = Field(min_length=1, description="as findings name it")
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="IANA name of the clock it is by"
    )
    start: datetime | None = Field(default=None, description="of a freeze that is once; on that clock")
    end: datetime | None = Field(default=None, description="its end, which is outside")
    weekly: str = Field(default="", description="such as `fri 18:00 - mon 06:00`")
    environments: tuple[str, ...] = Field(default=(), description="only what touches these; all by default")

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        once = self.start is not None and self.end is not None
        if once == bool(self.weekly) or (self.start is None) != (self.end is None):
            raise ValueError("a freeze has either `start` and `end`, or `weekly`")
        if self.weekly and not _WEEKLY.fullmatch(self.weekly):
            raise ValueError("`weekly` is written as `fri 18:00 - mon 06:00`")
        if self.start is not None and self.end is not None:
            if self.start.tzinfo is not None or self.end.tzinfo is not None:
                raise ValueError(
                    "`start` and `end` are on the clock of `zone`, without an offset of their own"
                )
            if self.end <= self.start:
                raise ValueError("a freeze ends after it starts")
        return self


class HotfixSetting(_Strict):
    """How a change that goes straight to the last stage is announced; any of them is enough."""

    labels: tuple[str, ...] = Field(default=("hotfix",), description="labels of the request")
    subject: Expression = Field(
        default=r"(?i)^hotfix\b", description="expression that finds it in the subject"
    )
    trailers: tuple[str, ...] = Field(default=("Hotfix",), description="trailers of the message")


class ChangeControlSetting(_Strict):
    """What the rules on changes have to be told. A rule that was not told is skipped, and says so."""

    promotion: tuple[str, ...] = Field(
        default=(), description="environments in the order in which versions pass through them"
    )
    hotfix: HotfixSetting = HotfixSetting()
    tickets: Expression = Field(
        default=r"\b[A-Z][A-Z0-9]{1,9}-[1-9]\d*\b|(?<![\w/])#[1-9]\d*\b|\bGH-[1-9]\d*\b",
        description="expression that finds a ticket in a message",
    )
    freezes: tuple[FreezeSetting, ...] = Field(default=(), description="when nothing may land")
    floating_tags: tuple[str, ...] = Field(
        default=("latest", "stable", "edge", "nightly"), description="globs of tags that are made to move"
    )
    protected_branches: tuple[str, ...] = Field(
        default=(), description="globs of branches, besides the audited one, whose history only grows"
    )
    vendored: tuple[str, ...] = Field(
        default=("vendor/**", "**/vendor/**", "third_party/**", "**/third_party/**", "**/node_modules/**"),
        description="globs of paths that hold somebody else's release: binary files are expected there",
    )


_ON_CHANGES = "AUD-CHG-"
"""What the ids of rules on changes begin with."""


class Settings(_Strict):
    """Everything in `auditor.yaml`; AUDITOR_ENGINE and the like in the environment override it."""

    version: Literal[1] = 1
    engine: Literal["auto", "opa", "embedded"] = "auto"
    opa_url: str = Field(default="", description="an OPA server that is already running")
    opa_token: str = Field(
        default="", repr=False, description="its bearer token; better given as AUDITOR_OPA_TOKEN"
    )
    kubernetes_version: str = Field(default="", description="such as 1.37; the newest known by default")
    environments: tuple[EnvironmentSetting, ...] = ()
    actors: tuple[ActorSetting, ...] = ()
    people: tuple[PersonSetting, ...] = Field(
        default=(), description="the directory of who may change things"
    )
    signatures: SignatureSetting = SignatureSetting()
    exclude: tuple[str, ...] = Field(default=(), description="globs of paths that are not judged")
    policies: PolicySetting = PolicySetting()
    schemas: SchemaSetting = SchemaSetting()
    rendering: RenderingSetting = RenderingSetting()
    clusters: dict[str, ClusterSetting] = Field(default_factory=dict)
    trail: TrailSetting = TrailSetting()
    change_control: ChangeControlSetting = ChangeControlSetting()
    forge: ForgeSetting | None = Field(
        default=None, description="without one, nothing confirms how changes landed"
    )

    @property
    def reading_digest(self) -> str:
        """SHA-256 (hex) of what decides how commits and paths are read; a change means a new replay."""
        actors = {"__all__": {"kind", "email", "name"}}
        parts = self.model_dump(
            mode="json", include={"environments": True, "actors": actors, "exclude": True}
        )
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def judging_digest(self) -> str:
        """SHA-256 (hex) of what changes verdicts on changes and nothing else: people, actors' keys and scope, freezes,
        the order of environments, trust, the forge, and which of their rules are asked and how bad they are.

        A change means that the landed changes are judged again, without reading or replaying anything.
        """
        kept = {"actors", "people", "change_control", "signatures", "forge"}
        parts = self.model_dump(mode="json", include=kept)
        asked = self.policies.model_dump(mode="json", include={"disabled", "severity"})
        # What is set for other rules decides nothing here.
        parts["not_asked"] = sorted(rule for rule in asked["disabled"] if rule.startswith(_ON_CHANGES))
        parts["severity"] = {
            rule: level for rule, level in asked["severity"].items() if rule.startswith(_ON_CHANGES)
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def load_settings(file: Path | None = None) -> Settings:
    """The settings of `file`, or of ./auditor.yaml where there is one, else the defaults.

    Raises ConfigurationError naming the file, the key and what is allowed there.
    """
    path = file if file is not None else Path(DEFAULT_FILE)
    values: dict[str, Any] = {}
    if path.is_file():
        values = _read(path)
    elif file is not None:
        raise ConfigurationError(f"there is no configuration file {file}", hint="`auditor init` writes one")
    try:
        if any(name.upper().startswith(ENVIRONMENT_PREFIX) for name in os.environ):
            from auditor.settings_environment import with_environment

            return with_environment(values)
        return Settings(**values)
    except ValidationError as error:
        raise ConfigurationError(_explain(path, error), hint=_HINT) from error


_HINT = "`auditor init` shows every key"


def _read(path: Path) -> dict[str, Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """A key that stands twice is a mistake, of which one would silently win."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} is given twice", key.start_mark
                    )
                seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
            return super().construct_mapping(node, deep=deep)

    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        place = " ".join(str(error).split()).replace('"<unicode string>", ', "")
        raise ConfigurationError(f"{path} is not readable YAML: {place}", hint=_HINT) from error
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}", hint="check its permissions"
        ) from error
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ConfigurationError(f"{path} does not hold `key: value` lines", hint=_HINT)
    return values


def _explain(path: Path, error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        what = _unknown(problem["loc"]) if problem["type"] == "extra_forbidden" else problem["msg"]
        lines.append(f"{key}: {what}")
    return f"{path}: " + "; ".join(lines)


def _unknown(location: tuple[int | str, ...]) -> str:
    annotation: Any = Settings
    for part in location[:-1]:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = annotation.model_fields[str(part)].annotation
        else:
            annotation = get_args(annotation)[0 if isinstance(part, int) else -1]
        if isinstance(annotation, UnionType):  # a section that may be missing: X | None
            annotation = get_args(annotation)[0]
    near = get_close_matches(str(location[-1]), list(annotation.model_fields), n=1)
    return f"unknown key; did you mean {near[0]}?" if near else "unknown key"
