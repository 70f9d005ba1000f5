"""The judge: documents in, judgements out. One a worker process; importing this module is cheap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.model import Document, JsonObject, Judgement, Outcome, RuleInfo, Severity, Verdict
from auditor.policy.builtin import MISSING_SCHEMA, SCHEMA
from auditor.policy.engines import ENGINES, EngineSession, choose_engine, engine_session
from auditor.policy.interface import OpaAddress
from auditor.policy.router import is_source_kind, kind_of

if TYPE_CHECKING:
    from auditor.policy.foreign.asking import ExpressionRules
    from auditor.policy.groups import Grouping, KnownAnswers
    from auditor.policy.interface import Engine
    from auditor.policy.library import Library
    from auditor.policy.schemas.options import SchemaOptions
    from auditor.policy.sets import SetAnswer, SetQuestion, SetRules

__all__ = ["EngineSession", "Judge", "JudgeSpec", "OpaAddress", "engine_session"]


@dataclass(frozen=True, kw_only=True)
class JudgeSpec:
    """All that a worker process needs to build its judge; it can be pickled.

    `engine` is a choice ('auto' | 'opa' | 'embedded'); `opa` the address out of an `EngineSession`, without
    which a judge that is to use OPA starts a server of its own. `parameters` are by rule id.
    `kubernetes_version` is "1.37" or '' for the newest that is known. `crds` are the manifests of
    CustomResourceDefinitions of the repository whose schemas count; `schema_options` say how schemas judge. `base`
    replaces the shipped rules. `whole` shows every rule the whole manifest, whatever it says it reads: slower, and the
    same verdicts where that is true. `workloads`
    are kinds of one's own that hold a pod specification, and where ("argoproj.io/Rollout": "spec.template.spec").
    `environments` are parameters of one environment over those for all; `disabled` are rules that are not asked;
    `foreign_on_embedded` has the embedded engine evaluate Rego that others wrote, which is an error without.
    `severities` replace the rules' own; `only` names the parts of the library (`PARTS`) that are asked, () for all.
    """

    policy_folders: tuple[Path, ...] = ()
    engine: str = "auto"
    opa: OpaAddress | None = None
    kubernetes_version: str = ""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    crds: tuple[JsonObject, ...] = ()
    base: Path | None = None
    schemas: bool = True
    schema_options: SchemaOptions | None = None
    whole: bool = False
    workloads: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    disabled: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    foreign_on_embedded: bool = False


class Judge:
    """Evaluates every rule that a document's kind meets, and its schema."""

    def __init__(self, spec: JudgeSpec, *, session: EngineSession | None = None) -> None:
        """Loads and compiles. Raises PolicyError, ConfigurationError, MissingPartError or EngineError.

        With a `session`, which outlives the judge, its engine is opened when the first question is asked, and
        what opening raises is raised then.
        """
        from auditor.policy.groups import Grouping, KnownAnswers
        from auditor.policy.library import load_library
        from auditor.policy.parameters import check_rule_ids, merged, parameter_bytes, profile_name
        from auditor.policy.schemas import SchemaCatalogue, target_version
        from auditor.policy.sets import SetRules
        from auditor.policy.workloads import pod_places

        self._stack = ExitStack()
        spec = _without_missing_schemas(spec)
        library: Library = load_library(spec.policy_folders, base=spec.base)
        check_rule_ids(spec.disabled, library.ids, "policies.disabled")
        check_rule_ids(spec.severities, library.ids, "policies.severity")
        self._all = library = library.with_severities(spec.severities)
        self._served = library.only(spec.only)
        self._library = library = self._served.without(spec.disabled)
        version = self._version = target_version(spec.kubernetes_version)
        self._parameters = parameter_bytes(self._all, spec.parameters, version)
        self._environments = {
            environment: parameter_bytes(self._all, merged(spec.parameters, given), version)
            for environment, given in spec.environments.items()
        }
        is_asked = not spec.only or "schemas" in spec.only
        has_schemas = spec.schemas and is_asked and SCHEMA not in spec.disabled
        self._schemas = SchemaCatalogue(version, spec.crds, spec.schema_options) if has_schemas else None
        self._expressions = _expression_rules(library)
        self._places = pod_places(spec.workloads)
        self.sets: SetRules = SetRules(
            library,
            self._parameters,
            whole=spec.whole,
            environments=self._environments,
            places=self._places,
        )
        self._grouping = Grouping(library, self._parameters, whole=spec.whole, places=self._places)
        self._known: KnownAnswers = KnownAnswers()
        self._profile_of = {
            environment: profile_name(library, self._parameters, given)
            for environment, given in self._environments.items()
        }
        self._profiles: dict[str, Grouping] = {"": self._grouping}
        for environment, given in self._environments.items():
            if self._profile_of[environment] not in self._profiles:
                self._profiles[self._profile_of[environment]] = Grouping(
                    library, given, whole=spec.whole, places=self._places
                )
        self._ids: dict[str, tuple[str, ...]] = {}
        self._spec = spec
        self._session = session
        self._opened: Engine | None = None
        if session is None:
            try:
                self._opened = self._open_engine()
            except BaseException:
                self._stack.close()
                raise

    @property
    def _engine(self) -> Engine:
        if self._opened is None:
            self._opened = self._open_engine()
        return self._opened

    def _open_engine(self) -> Engine:
        spec = self._spec
        if self._session is not None:
            name, address = self._session.engine, self._session.opa
        else:
            name = choose_engine(spec.engine, opa_url=spec.opa.url if spec.opa else "")
            address = spec.opa
        if name == "opa" and address is None:
            if spec.base is not None:
                from auditor.policy.opa_server import running_server

                address = self._stack.enter_context(running_server(self._served))
            else:
                session = engine_session(name, policy_folders=spec.policy_folders, only=spec.only)
                address = self._stack.enter_context(session).opa
        # A server holds every rule there is; rules that are disabled are those that it is not asked.
        engine = ENGINES[name](self._served if name == "opa" else self._on_embedded(), address)
        self._stack.callback(engine.close)
        return engine

    def _on_embedded(self) -> Library:
        if not self._library.foreign_rules or self._spec.foreign_on_embedded:
            return self._library
        from auditor.policy.foreign.compiling import without_foreign_rego

        return without_foreign_rego(self._library)

    @property
    def engine_name(self) -> str:
        """'opa' or 'embedded'."""
        return self._session.engine if self._session is not None else self._engine.name

    @property
    def engine_version(self) -> str:
        """The version of OPA or of rego-cpp; opens no engine."""
        if self._opened is None and self._session is not None:
            return self._session.version()
        return self._engine.version

    @property
    def kubernetes_version(self) -> str:
        """The version whose schemas and rules apply, such as '1.37'."""
        return self._version

    def severity(self, rule_id: str) -> Severity:
        """The severity of a rule, the operator's where he set one; PolicyError where there is no such rule."""
        return self._all.severity(rule_id)

    def rule(self, rule_id: str) -> RuleInfo:
        """What is known of a rule, with the controls that it gives evidence for."""
        return self._all.info(rule_id)

    @property
    def rule_ids(self) -> frozenset[str]:
        """The ids of every rule there is, asked or not."""
        return self._all.ids

    @property
    def disabled(self) -> tuple[str, ...]:
        """The ids of the rules that are not asked, by the operator's word."""
        return tuple(sorted(set(self._spec.disabled)))

    @property
    def has_rules(self) -> bool:
        """True where there is any rule to ask an engine about."""
        return bool(self._library.rules)

    @property
    def left_out(self) -> frozenset[str]:
        """The ids of rules that `only` keeps from being asked."""
        if not self._spec.only:
            return frozenset()
        asked = {rule.id for rule in self._served.rules} | {
            one.metadata.id for one in self._served.expressions
        }
        schemas = {SCHEMA, MISSING_SCHEMA} if self._schemas is None else set()
        mine = {rule.id for rule in self._all.rules} | {one.metadata.id for one in self._all.expressions}
        return frozenset((mine | schemas) - asked)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader of the verdicts should know of the rules: said once a run."""
        remarks = self._library.remarks
        if self._library.foreign_rules and self.engine_name == "embedded":
            count = len(self._library.foreign_rules)
            remarks += (
                "policies written for conftest or Gatekeeper run on the embedded engine, which differs from OPA in places "
                "and may lose findings: take OPA (--engine opa) for verdicts to rely on"
                if self._spec.foreign_on_embedded
                else f"{count} rule{'s' if count > 1 else ''} written for conftest or Gatekeeper not evaluated: "
                "that needs OPA (put `opa` on PATH, or configure a server)",
            )
        return remarks

    @property
    def advisory(self) -> frozenset[str]:
        """The ids of rules whose findings are recorded and fail nothing."""
        return self._library.advisory

    @property
    def bundle_digest(self) -> str:
        """SHA-256 (hex) of all that decides a verdict, or how bad it is, beside the document."""
        import hashlib

        import orjson

        parts = {
            "library": self._library.digest,
            "parameters": {rule: text.decode() for rule, text in self._parameters.items()},
            "schemas": self._schemas.digest if self._schemas else "",
            "workloads": dict(self._places),
        }
        if self._library.foreign_rules and self.engine_name == "embedded":
            parts["foreign_on_embedded"] = {"": self._spec.foreign_on_embedded}
        if self._environments:
            parts["environments"] = {
                environment: {rule: text.decode() for rule, text in given.items()}
                for environment, given in self._environments.items()
            }
        others = [rule.metadata for rule in self._library.rules if rule.foreign is not None]
        others += [one.metadata for one in self._library.expressions]
        if others:
            # Their severity and whether they advise alone may stand elsewhere than in their text.
            parts["others"] = {one.id: [one.severity.value, one.id in self.advisory] for one in others}
        if self.disabled:
            parts["disabled"] = self.disabled
        if self._all.severities:
            parts["severities"] = {rule: one.value for rule, one in self._all.severities.items()}
        return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def profile_of(self, environment: str) -> str:
        """The name of the parameters by which rules on single manifests judge there; '' for those for all.

        Environments of equal parameters have equal names.
        """
        return self._profile_of.get(environment, "")

    @property
    def has_profiles(self) -> bool:
        """True where some environment has parameters of its own for rules on single manifests."""
        return len(self._profiles) > 1

    def judge(
        self, documents: Sequence[Document], environments: Sequence[str] | None = None
    ) -> list[Judgement]:
        """One judgement a document, in order. What cannot be evaluated is an ERROR verdict naming the rule.

        `environments` are the documents' environments, whose own parameters then hold; without them those for all.
        """
        if environments is None or not self.has_profiles:
            return self.judge_by(documents, [""] * len(documents))
        return self.judge_by(documents, [self.profile_of(environment) for environment in environments])

    def judge_by(self, documents: Sequence[Document], profiles: Sequence[str]) -> list[Judgement]:
        """The same, each document by the parameters that `profile_of` named."""
        import orjson

        from auditor.policy.groups import Questions

        questions = Questions.about(len(documents), self._known)
        unreadable: dict[int, str] = {}
        for number, (document, profile) in enumerate(zip(documents, profiles, strict=True)):
            try:
                resource = orjson.dumps(document.manifest)
            except TypeError as error:
                unreadable[number] = f"the manifest has no JSON form: {error}"
                continue
            for group in self._profiles[profile].of(kind_of(document.api_version, document.kind)):
                if group.contains in resource:
                    questions.ask(number, group, document.manifest, resource)
        items = [item for _, item in questions.items.values()]
        verdicts = questions.answered(self._engine.evaluate(items) if items else [])
        return [
            self._judgement(document, verdicts[number], unreadable.get(number, ""))
            for number, document in enumerate(documents)
        ]

    def judge_sets(self, questions: Sequence[SetQuestion]) -> list[SetAnswer]:
        """What the rules over several resources say of each set, in order."""
        return self.sets.ask(self._engine, questions) if questions else []

    def judge_together(
        self, environment: str, documents: Sequence[Document]
    ) -> tuple[frozenset[str], list[tuple[int, Verdict]]]:
        """The same for the documents of one environment: ids of the rules that answered, (number, verdict) each.

        A verdict that is about no document is about number -1.
        """
        from auditor.policy.sets import questions_about

        members = [
            (document.api_version, document.kind, self.sets.view_of(document)) for document in documents
        ]
        asked = questions_about(self.sets, environment, members)
        evaluated: set[str] = set()
        verdicts: list[tuple[int, Verdict]] = []
        for (_, numbers), answer in zip(asked, self.judge_sets([one for one, _ in asked]), strict=True):
            evaluated.update(answer.evaluated)
            verdicts.extend((numbers[one] if one >= 0 else -1, verdict) for one, verdict in answer.verdicts)
        return frozenset(evaluated), verdicts

    def close(self) -> None:
        """End the engine, and the OPA server where this judge started it."""
        if self._expressions is not None:
            self._expressions.close()
        self._stack.close()

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _judgement(self, document: Document, verdicts: list[Verdict], unreadable: str) -> Judgement:
        ids = self._evaluated(kind_of(document.api_version, document.kind))
        if unreadable:
            verdicts = [_error(rule_id, unreadable) for rule_id in ids]
        else:
            if self._schemas is not None and SCHEMA in ids:
                verdicts.extend(self._schemas.check(document))
            if self._expressions is not None:
                verdicts.extend(self._expressions.check(document))
        silent = {v.rule_id for v in verdicts if v.outcome in (Outcome.ERROR, Outcome.SKIPPED)}
        return Judgement(
            digest=document.digest,
            evaluated=tuple(rule_id for rule_id in ids if rule_id not in silent) if silent else ids,
            verdicts=tuple(verdicts),
            view=b"" if unreadable else self.sets.view_of(document),
        )

    def _evaluated(self, kind: str) -> tuple[str, ...]:
        """The ids of all that looks at a kind; one object a kind, since most documents share it."""
        found = self._ids.get(kind)
        if found is None:
            ids = [self._library.rules[number].id for number in self._grouping.router.rules_for(kind)]
            ids += self._expressions.ids_for(kind) if self._expressions is not None else []
            has_schema = self._schemas is not None and not is_source_kind(kind)
            if has_schema:
                options = self._spec.schema_options
                ids += [SCHEMA, MISSING_SCHEMA] if options and options.fail_on_missing else [SCHEMA]
            found = self._ids[kind] = tuple(ids)
        return found


def _expression_rules(library: Library) -> ExpressionRules | None:
    if not library.expressions:
        return None
    from auditor.policy.foreign.asking import ExpressionRules

    return ExpressionRules(library.expressions)


def _without_missing_schemas(spec: JudgeSpec) -> JudgeSpec:
    """Where AUD-SCHEMA-0002 is disabled, a kind without schema is skipped, as it is where nobody asks for that rule."""
    options = spec.schema_options
    if options is None or MISSING_SCHEMA not in spec.disabled:
        return spec
    return replace(spec, schema_options=replace(options, fail_on_missing=False))


def _error(rule_id: str, message: str) -> Verdict:
    return Verdict(rule_id=rule_id, outcome=Outcome.ERROR, pointer="", message=message)
