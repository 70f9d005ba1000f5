"""What a judge's verdicts were made with, as a digest and in words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from auditor.policy.judge.profiles import RuleParameters

if TYPE_CHECKING:
    from auditor.policy.library import Library
    from auditor.policy.workloads import PodPlace


def bundle_digest(
    library: Library,
    parameters: RuleParameters,
    *,
    schemas: str,
    places: Mapping[str, PodPlace],
    foreign_on_embedded: bool | None,
    disabled: tuple[str, ...],
) -> str:
    """SHA-256 (hex) of all that decides a verdict, or how bad it is, beside the document.

    `library` are the rules that are asked, `schemas` the digest of the schemas ('' for none), `foreign_on_embedded`
    whether Rego that others wrote is evaluated by the embedded engine (None: there is none, or OPA evaluates it).
    """
    parts: dict[str, Any] = {
        "library": library.digest,
        "parameters": {rule: text.decode() for rule, text in parameters.general.items()},
        "schemas": schemas,
        "workloads": dict(places),
    }
    if foreign_on_embedded is not None:
        parts["foreign_on_embedded"] = {"": foreign_on_embedded}
    if parameters.environments:
        parts["environments"] = {
            environment: {rule: text.decode() for rule, text in given.items()}
            for environment, given in parameters.environments.items()
        }
    others = [rule.metadata for rule in library.rules if rule.foreign is not None]
    others += [one.metadata for one in library.expressions]
    if others:
        # Their severity and whether they fail anything may stand elsewhere than in their text.
        advisory = library.advisory
        parts["others"] = {one.id: [one.severity.value, one.id in advisory] for one in others}
    if disabled:
        parts["disabled"] = disabled
    if library.severities:
        parts["severities"] = {rule: one.value for rule, one in library.severities.items()}
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


def remark_on_foreign(count: int, *, evaluated: bool) -> str:
    """What a reader should know where the embedded engine has so many rules in Rego that others wrote."""
    if evaluated:
        return (
            "policies written for conftest or Gatekeeper run on the embedded engine, which differs from OPA in places "
            "and may lose findings: take OPA (--engine opa) for verdicts to rely on"
        )
    return (
        f"{count} rule{'s' if count > 1 else ''} written for conftest or Gatekeeper not evaluated: "
        "that needs OPA (put `opa` on PATH, or configure a server)"
    )
