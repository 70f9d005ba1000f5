"""Verdicts, rules and findings."""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.model.base import JsonObject, Outcome, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What one rule says about one document, where that is not simply 'pass'.

    `pointer` is by list key (`spec.template.spec.containers[name=web].image`), '' for the whole
    resource. `details` goes to the reader as it is (redacted input makes redacted details).
    """

    rule_id: str
    outcome: Outcome
    pointer: str
    message: str
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """Every verdict on one document.

    `evaluated` are the ids of the rules that gave an answer; a rule in it without a verdict passed. `view` is what
    rules over several resources read of the document (JSON), b"" where none looks at its kind.
    """

    digest: str
    evaluated: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    view: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleInfo:
    """What is known of a rule without running it. `kinds` empty means that it is not about resources."""

    id: str
    title: str
    description: str
    severity: Severity
    category: str
    kinds: tuple[str, ...]
    remediation: str
    since: str
    related: tuple[str, ...] = ()
    controls: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One violation with one lifetime.

    `id` is the fingerprint: rule, environment, resource identity and pointer by list key, never a
    line or a message. A violation that comes back after it was fixed is a new `occurrence` of the
    same id. `opened_*` is when the violation landed; `detected_at` when a run first said so.
    """

    id: str
    occurrence: int
    rule_id: str
    severity: Severity
    source: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    path: str
    line: int
    pointer: str
    message: str
    opened_sha: str
    opened_position: int | None
    fixed_sha: str
    fixed_position: int | None
    digest: str
